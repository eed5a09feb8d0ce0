import { expect, it } from "vitest"
import * as Publishing from "../src/Publishing.ts"
import { published } from "../src/WorkspacePackage.ts"

const log = { name: "@onymous/log", version: "0.1.0", path: "dist/log" }

it("a package is published with its provenance, which only a repository can give", () => {
  expect(Publishing.wordsFor(log, { isTrial: false, repository: "owner/onymous" })).toEqual([
    "publish",
    "dist/log",
    "--access",
    "public",
    "--provenance",
  ])
  expect(() => Publishing.wordsFor(log, { isTrial: false, repository: undefined })).toThrow(
    "GITHUB_REPOSITORY is expected to be owner/name",
  )
})

it("no package is published before those of ours that it depends on, and none of these is left out", () => {
  const all = published().map(({ manifest }) => manifest)
  for (const [index, { name, dependencies }] of all.entries()) {
    const before = new Set(all.slice(0, index).map((each) => each.name))
    const ours = Object.keys(dependencies).filter((each) => each.startsWith("@onymous/"))
    expect({ name, missing: ours.filter((each) => !before.has(each)) }).toEqual({
      name,
      missing: [],
    })
  }
  expect(all.at(-1)?.name).toBe("onymous")
})
