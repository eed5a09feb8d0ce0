import { expect, it } from "vitest"
import * as PublishedManifest from "../src/PublishedManifest.ts"
import type { WorkspacePackage } from "../src/WorkspacePackage.ts"

const packageOf = (
  name: string,
  dependencies: Readonly<Record<string, string>>,
  exports: Readonly<Record<string, string>> = { "./*": "./src/*.ts" },
): WorkspacePackage => ({
  folder: name.replace(/.*\//, ""),
  path: name,
  manifest: { name, version: "1.2.3", description: "?", license: "MIT", exports, dependencies },
})

const database = packageOf("@onymous/database", {
  effect: "4.1.0",
  "@effect/sql-pg": "4.0.5",
  "@electric-sql/pglite": "0.5.16",
})
const identity = packageOf("@onymous/identity", { effect: "4.1.0", re2js: "2.10.0" })
const log = packageOf("@onymous/log", { effect: "4.1.0", "@onymous/database": "1.2.3" })
const onymous = packageOf(
  "onymous",
  { "@onymous/log": "1.2.3", "@onymous/identity": "1.2.3" },
  { ".": "./src/index.ts", "./*": "./src/*.ts", "./history": "./src/HistoryQuestions.ts" },
)
const all = [identity, database, log, onymous]

it("a package names what it was built into, and what it depends on, each exactly", () => {
  expect(PublishedManifest.of(identity, all, undefined)).toMatchObject({
    name: "@onymous/identity",
    version: "1.2.3",
    exports: { "./*": { types: "./dist/*.d.ts", default: "./dist/*.js" } },
    dependencies: { re2js: "2.10.0" },
    peerDependencies: { effect: "^4.1.0" },
  })
})

it("the host brings Effect, and the embedded database if it wants it, whatever needs them below", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = PublishedManifest.of(
    onymous,
    all,
    undefined,
  )
  expect(dependencies).toEqual({ "@onymous/log": "1.2.3", "@onymous/identity": "1.2.3" })
  expect(Object.keys(peerDependencies)).toEqual([
    "@effect/sql-pg",
    "@electric-sql/pglite",
    "effect",
  ])
  expect(peerDependenciesMeta).toEqual({ "@electric-sql/pglite": { optional: true } })
})

it("the library is entered by its names alone, and has the command", () => {
  const { exports, bin } = PublishedManifest.of(onymous, all, undefined)
  expect(exports).toEqual({
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./history": { types: "./dist/HistoryQuestions.d.ts", default: "./dist/HistoryQuestions.js" },
    "./package.json": "./package.json",
  })
  expect(bin).toEqual({ onymous: "command/bin/onymous.cjs" })
  expect(PublishedManifest.of(log, all, undefined)).not.toHaveProperty("bin")
})

it("a release from a repository says where its sources are, because a provenance is about these", () => {
  expect(PublishedManifest.of(log, all, "owner/onymous")).toMatchObject({
    repository: { url: "git+https://github.com/owner/onymous.git", directory: "packages/log" },
  })
  expect(PublishedManifest.of(log, all, undefined)).not.toHaveProperty("repository")
})

it("a bundler may leave out any module that nobody names, but the one that hands in RE2", () => {
  const [kept, others] = [identity, log].map((each) => PublishedManifest.of(each, all, undefined))
  expect(kept?.sideEffects).toEqual(["./dist/policy/Re2Pattern.js"])
  expect(others?.sideEffects).toBe(false)
})
