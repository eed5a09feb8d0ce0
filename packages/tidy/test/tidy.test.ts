import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { describe, expect, it } from "vitest"
import * as Arrows from "../src/rules/Arrows.ts"
import * as Barrels from "../src/rules/Barrels.ts"
import * as Circles from "../src/rules/Circles.ts"
import * as Code from "../src/rules/Code.ts"
import * as DeadCode from "../src/rules/DeadCode.ts"
import * as Layout from "../src/rules/Layout.ts"
import * as Rooms from "../src/rules/Rooms.ts"
import { home } from "../src/testing/Machine.ts"
import * as Tree from "../src/rules/Tree.ts"

const tree = Tree.read(home)

const rules: Readonly<Record<string, Tree.Rule>> = {
  "imports follow the arrows between the packages": Arrows.followed,
  "every package has its arrows": Arrows.known,
  "every arrow is followed": Arrows.used,
  "relative imports stay in their package": Arrows.fenced,
  "the event log is ours, not Effect's": Arrows.ourEventLog,
  "no package is imported whole where a module of it will do": Barrels.unopened,
  "src imports what its package.json names under dependencies": Arrows.declared,
  "what a package.json names is imported": Arrows.needed,
  "no module needs itself by way of others": Circles.modules,
  "the rooms of a package depend one way": Circles.rooms,
  "a room holds at most 12 modules": Rooms.smallRooms,
  "a file name occurs once": Rooms.uniqueNames,
  "every file is used": DeadCode.usedFiles,
  "what is exported is used": DeadCode.usedExports,
  "tests keep no code alive": DeadCode.usedBeyondTests,
  "functions have at most 60 lines": Code.shortFunctions,
  "files are split by concept before they have 250 lines of code": Code.shortFiles,
  "no any, and no assertion outside a brand's constructor": Code.honestTypes,
  "words that stand for something we do otherwise do not occur": Code.goodWords,
  "names say what a thing is about": Code.goodNames,
  "the top level holds what belongs there": Layout.quietTop,
  "every package has a README": Layout.introduced,
  "links in READMEs lead to files that exist": Layout.soundLinks,
  "the project speaks of itself alone": Layout.ownWords,
  "versions are exact": Layout.exactVersions,
  "a dependency has one version": Layout.oneVersion,
}

describe("our own rules", () => {
  it.each(Object.entries(rules))("%s", (_, rule) => {
    expect(rule(tree)).toEqual([])
  })
})

// The cases are shared with other readers of the same rules, in a folder beside this one.
const shared = resolve(home, "..", "shared", "conformance", "cases.json")
const copy = resolve(home, "packages", "identity", "test", "conformance", "cases.json")

it("the conformance cases are whole, and equal to the shared ones where these are at hand", () => {
  const cases = readFileSync(copy, "utf8")
  expect(JSON.parse(cases).length).toBeGreaterThanOrEqual(83)
  expect(cases === (existsSync(shared) ? readFileSync(shared, "utf8") : cases)).toBe(true)
})
