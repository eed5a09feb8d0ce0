import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { describe, expect, it } from "vitest"

const root = resolve(import.meta.dirname, "../../..")

const examples = (path: string): ReadonlyArray<string> => {
  const text = readFileSync(resolve(root, path), "utf8")
  return [...text.matchAll(/```ts test\n([\s\S]*?)```/g)].map((match) => match[1] ?? "")
}

const run = (code: string) =>
  spawnSync(process.execPath, ["--input-type=module-typescript", "-e", code], {
    cwd: root,
    encoding: "utf8",
    timeout: 50_000,
  })

/** What the example says that it prints. */
const promised = (code: string): string =>
  [...code.matchAll(/\/\/ => (.*)/g)].map((match) => `${match[1]}\n`).join("")

describe.each([
  "README.md",
  "packages/onymous/README.md",
  "packages/identity/README.md",
  "packages/timetravel/README.md",
])("%s", (path) => {
  it("its examples print what they say", () => {
    const all = examples(path)
    expect(all.length).toBeGreaterThan(0)
    for (const code of all) {
      const { stdout, stderr } = run(code)
      expect({ stdout, stderr }).toEqual({ stdout: promised(code), stderr: "" })
    }
  })
})
