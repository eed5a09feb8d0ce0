import { describe, expect, it } from "vitest"
import * as Arrows from "../src/rules/Arrows.ts"
import * as Barrels from "../src/rules/Barrels.ts"
import * as Circles from "../src/rules/Circles.ts"
import * as Code from "../src/rules/Code.ts"
import * as DeadCode from "../src/rules/DeadCode.ts"
import * as Layout from "../src/rules/Layout.ts"
import * as Rooms from "../src/rules/Rooms.ts"
import type * as Tree from "../src/rules/Tree.ts"

/** What a rule says about a project that has just these files. */
const judge = (
  rule: Tree.Rule,
  files: Readonly<Record<string, string>>,
  topLevel: ReadonlyArray<string> = ["packages"],
) => rule({ topLevel, files: Object.entries(files).map(([path, text]) => ({ path, text })) })

const log = "packages/log/src/EventLog.ts"
const identity = "packages/identity/src/state/Person.ts"

describe("Arrows", () => {
  const projector = `import * as Projector from "@onymous/projector/Projector"`

  it("catches an import against the arrows", () => {
    expect(judge(Arrows.followed, { [log]: projector })).toEqual([
      `${log}:1 imports @onymous/projector/Projector: log may import identity, database.`,
    ])
    expect(judge(Arrows.followed, { [log]: `import "@onymous/identity/event/Event"` })).toEqual([])
  })

  it("catches it as a type, an export, a dynamic import and the library's name, too", () => {
    const text = [
      `import type { Projector } from "@onymous/projector/Projector"`,
      `export * from "@onymous/server/Server"`,
      `const later = await import("@onymous/cli/main")`,
      `type Far = import("onymous").Onymous`,
    ].join("\n")
    expect(judge(Arrows.followed, { [log]: text })).toHaveLength(4)
  })

  it("lets tests go further along the arrows, and import tidy, but not against them", () => {
    const test = "packages/server/test/Server.test.ts"
    expect(
      judge(Arrows.followed, { [test]: `import "@onymous/tidy/testing/TestDatabase"` }),
    ).toEqual([])
    expect(judge(Arrows.followed, { [test]: `import "@onymous/identity/event/Event"` })).toEqual([])
    expect(judge(Arrows.followed, { [test]: `import "onymous"` })).toHaveLength(1)
  })

  it("catches tidy in what a package is made of", () => {
    expect(
      judge(Arrows.followed, { [log]: `import "@onymous/tidy/testing/Machine"` }),
    ).toHaveLength(1)
  })

  it("has no circle in its table", () => {
    const below = (name: string, path: ReadonlyArray<string>): ReadonlyArray<string> =>
      path.includes(name)
        ? [[...path, name].join(" → ")]
        : (Arrows.arrows[name] ?? []).flatMap((next) => below(next, [...path, name]))
    expect(Object.keys(Arrows.arrows).flatMap((name) => below(name, []))).toEqual([])
  })

  it("catches a package without a row in the table", () => {
    expect(judge(Arrows.known, { "packages/extra/package.json": "{}" })).toHaveLength(1)
  })

  it("catches an arrow that nobody follows, but not of a package without code", () => {
    const taken = [`import type { Event } from "@onymous/identity/event/Event"`]
    const files = {
      [log]: taken.join("\n"),
      "packages/log/test/a.ts": `import "@onymous/database/X"`,
    }
    expect(judge(Arrows.used, files)).toEqual([
      "The arrow from log to database is followed by nobody: delete it from the table " +
        "(packages/tidy/src/rules/Arrows.ts).",
    ])
    const all = [...taken, `const load = () => import("@onymous/database/Database")`]
    expect(judge(Arrows.used, { [log]: all.join("\n") })).toEqual([])
  })

  it("catches a relative import that leaves its package", () => {
    const text = `import "./Event.ts"\nimport "../../identity/src/Event.ts"`
    expect(judge(Arrows.fenced, { [log]: text })).toEqual([
      `${log}:2 imports ../../identity/src/Event.ts: import another package by its name.`,
    ])
  })

  it("catches Effect's event log", () => {
    expect(judge(Arrows.ourEventLog, { [log]: `import "effect/eventlog"` })).toHaveLength(1)
    expect(judge(Arrows.ourEventLog, { [log]: `import "effect/eventlog/EventLog"` })).toHaveLength(
      1,
    )
  })

  it("catches a package that is imported whole where a module of it will do", () => {
    const whole = `import { NodeRuntime } from "@effect/platform-node"`
    const module = `import * as NodeRuntime from "@effect/platform-node/NodeRuntime"`
    expect(judge(Barrels.unopened, { [log]: `${whole}\n${module}` })).toHaveLength(1)
  })

  it("catches an import that is not declared, or for tests only", () => {
    const manifest = {
      name: "@onymous/log",
      dependencies: { effect: "4.1.0" },
      devDependencies: { "@effect/vitest": "4.0.5" },
    }
    const text = [
      `import "node:fs"`,
      `import "effect/sql"`,
      `import "@onymous/log/Position"`,
      `import "@effect/vitest"`,
      `import "left-pad"`,
      `const load = () => import("@effect/vitest")`,
    ].join("\n")
    const files = { "packages/log/package.json": JSON.stringify(manifest), [log]: text }
    expect(judge(Arrows.declared, files)).toEqual([
      `${log}:4 imports @effect/vitest, for tests only in @onymous/log's package.json.`,
      `${log}:5 imports left-pad, not declared in @onymous/log's package.json.`,
    ])
  })

  it("catches a dependency that nobody imports, or only tests do", () => {
    const judged = (
      dependencies: ReadonlyArray<string>,
      devDependencies: ReadonlyArray<string>,
    ) => {
      const versions = (names: ReadonlyArray<string>) =>
        Object.fromEntries(names.map((name) => [name, "1.0.0"]))
      const manifest = {
        dependencies: versions(dependencies),
        devDependencies: versions(devDependencies),
      }
      return judge(Arrows.needed, {
        "package.json": JSON.stringify({ devDependencies: { oxfmt: "1.0.0" } }),
        "packages/log/package.json": JSON.stringify(manifest),
        [log]: `import type { Effect } from "effect/Effect"\nconst at = import.meta.resolve("uuid/v7")\nconst by = createRequire(import.meta.url).resolve("ws/lib.js")`,
        "packages/log/test/a.test.ts": `import "re2js"\nresolve("node_modules", "posthog-js")`,
      })
    }
    expect(judged(["effect", "uuid", "ws"], ["re2js", "posthog-js"])).toEqual([])
    expect(judged(["left-pad", "re2js"], ["right-pad"])).toEqual([
      "packages/log/package.json names left-pad, which nobody imports: remove it.",
      "packages/log/package.json names re2js, which only tests import: name it under devDependencies.",
      "packages/log/package.json names right-pad, which nobody imports: remove it.",
    ])
    const [emmett, driver] = ["@event-driven-io/emmett", "@event-driven-io/emmett-postgresql"]
    expect(judged([], [emmett])).toHaveLength(1)
    expect(judged([], [emmett, driver])).toEqual([
      `packages/log/package.json names ${driver}, which nobody imports: remove it.`,
    ])
  })
})

describe("Circles", () => {
  const src = "packages/log/src/"
  const remedy = "a circle of imports. Move what both sides need into a module of its own."

  it("catches a circle of modules once, from whichever module it is seen", () => {
    const files = {
      [`${src}C.ts`]: `import { a } from "@onymous/log/A"`,
      [`${src}B.ts`]: `import type { C } from "./C.ts"`,
      [`${src}A.ts`]: `export * from "./B.ts"`,
      [`${src}Beside.ts`]: `import "./A.ts"`,
    }
    expect(judge(Circles.modules, files)).toEqual([`${src}: A.ts → B.ts → C.ts → A.ts: ${remedy}`])
    expect(judge(Circles.modules, { ...files, [`${src}C.ts`]: "" })).toEqual([])
  })

  it("tells every circle of a knot, and a module that imports itself", () => {
    const files = {
      [`${src}A.ts`]: `import "./sql/B.ts"\nimport "./C.ts"`,
      [`${src}sql/B.ts`]: `const a = await import("../A.ts")`,
      [`${src}C.ts`]: `type A = import("./A.ts").A`,
      [`${src}D.ts`]: `import "./D.ts"`,
    }
    expect(judge(Circles.modules, files)).toEqual([
      `${src}: A.ts → C.ts → A.ts: ${remedy}`,
      `${src}: A.ts → sql/B.ts → A.ts: ${remedy}`,
      `${src}: D.ts → D.ts: ${remedy}`,
    ])
  })

  it("takes no longer for many ways than for many imports", () => {
    const next = (index: number) =>
      [`import "./L${index}.ts"`, `import "./R${index}.ts"`].join("\n")
    const ladder = Array.from({ length: 60 }, (_, index) => [
      [`${src}L${index}.ts`, next(index + 1)],
      [`${src}R${index}.ts`, next(index + 1)],
    ])
    expect(judge(Circles.modules, Object.fromEntries(ladder.flat()))).toEqual([])
  })

  it("catches a circle of rooms where no modules are in one", () => {
    const files = {
      [`${src}sql/Append.ts`]: `import "../memory/Rows.ts"`,
      [`${src}sql/Lookups.ts`]: `import "../memory/Rows.ts"`,
      [`${src}sql/Codec.ts`]: "",
      [`${src}memory/Rows.ts`]: "",
      [`${src}memory/Memory.ts`]: `import type { Codec } from "../sql/Codec.ts"`,
    }
    expect(judge(Circles.modules, files)).toEqual([])
    expect(judge(Circles.rooms, files)).toEqual([
      `${src}: memory → sql → memory: a circle of rooms, because memory/Memory.ts imports ` +
        "sql/Codec.ts; sql/Append.ts imports memory/Rows.ts (and 1 more). " +
        "Move what both sides need into the room that the other may import.",
    ])
    expect(judge(Circles.rooms, { ...files, [`${src}memory/Memory.ts`]: "" })).toEqual([])
  })

  it("catches one through a module beside the rooms, and one of rooms within a room", () => {
    const beside = {
      [log]: `import "./sql/Append.ts"`,
      [`${src}sql/Append.ts`]: "",
      [`${src}sql/Lookups.ts`]: `import "../EventLog.ts"`,
    }
    expect(judge(Circles.rooms, beside)).toHaveLength(1)
    const within = {
      [`${src}sql/Lookups.ts`]: `import "./editions/Edition.ts"`,
      [`${src}sql/editions/Edition.ts`]: "",
      [`${src}sql/editions/Sweep.ts`]: `import "../Lookups.ts"`,
    }
    expect(judge(Circles.rooms, within)).toHaveLength(1)
  })
})

describe("Rooms", () => {
  const room = (folder: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}/M${index}.ts`, ""]))

  it("catches a room of 13 modules; migrations are no room", () => {
    const folder = "packages/log/src/sql"
    const below = { [`${folder}/editions/Sweep.ts`]: "" }
    expect(judge(Rooms.smallRooms, { ...room(folder, 12), ...below })).toEqual([])
    expect(judge(Rooms.smallRooms, { ...room(folder, 13), ...below })).toEqual([
      `${folder} has 13 modules, more than 12: split by concept into folders.`,
    ])
    expect(judge(Rooms.smallRooms, room("packages/log/src/migrations", 13))).toEqual([])
    expect(judge(Rooms.smallRooms, room("packages/log/test", 13))).toEqual([])
  })

  it("catches a file name that occurs twice; main and index are what a role is called", () => {
    const files = { [log]: "", "packages/cli/test/EventLog.ts": "" }
    expect(judge(Rooms.uniqueNames, files)).toEqual([
      `${log} and packages/cli/test/EventLog.ts have one name: name each after what it holds.`,
    ])
    const roles = ["cli/src/main.ts", "bench/src/main.ts", "log/src/index.ts", "api/src/index.ts"]
    const entries = roles.map((path) => [`packages/${path}`, ""])
    expect(judge(Rooms.uniqueNames, Object.fromEntries(entries))).toEqual([])
  })
})

describe("DeadCode", () => {
  const user = "packages/log/src/GroupCommit.ts"

  it("catches a file that nobody imports", () => {
    const support = "packages/log/test/layers.ts"
    const files = { [log]: "", [support]: "", "packages/log/test/EventLog.test.ts": "" }
    expect(judge(DeadCode.usedFiles, files)).toEqual([
      `${log} is imported by nobody: delete it.`,
      `${support} is imported by nobody: delete it.`,
    ])
  })

  it("knows every way in which a file is used", () => {
    const ways: ReadonlyArray<Readonly<Record<string, string>>> = [
      { "packages/cli/test/a.test.ts": `import "@onymous/log/EventLog"` },
      { "packages/log/test/a.test.ts": `type Log = import("../src/EventLog.ts").EventLog` },
      { "packages/log/test/a.test.ts": `fork(new URL("../src/EventLog.ts", import.meta.url))` },
      { "packages/log/test/a.test.ts": `run("EventLog.ts")` },
      { "packages/cli/test/a.test.ts": `import.meta.resolve("@onymous/log/EventLog")` },
      { "vitest.workspace.ts": `join("packages", "log", "src", "EventLog.ts")` },
      { "README.md": `\`\`\`ts test\nimport "@onymous/log/EventLog"\n\`\`\`\n` },
      { "package.json": `{ "scripts": { "x": "node ${log} --all" } }` },
      { "packages/log/package.json": `{ "bin": { "log": "./src/EventLog.ts" } }` },
      { "packages/log/package.json": `{ "exports": { ".": "./src/EventLog.ts" } }` },
    ]
    for (const way of ways) {
      expect(judge(DeadCode.usedFiles, { [log]: "", ...way }), JSON.stringify(way)).toEqual([])
    }
    const pattern = { "packages/log/package.json": `{ "exports": { "./*": "./src/*.ts" } }` }
    expect(judge(DeadCode.usedFiles, { [log]: "", ...pattern })).toHaveLength(1)
  })

  const exporting = [
    "export const one = 1",
    "export const two = one + 1",
    "export type three = 3",
    "export interface Four { readonly next: Four | undefined }",
  ].join("\n")
  const judged = (text: string) =>
    judge(DeadCode.usedExports, {
      [log]: exporting,
      [user]: text,
      "packages/log/test/a.test.ts": `import "../src/GroupCommit.ts"`,
    })

  it("catches an export that no other file takes", () => {
    expect(judged(`import { one } from "./EventLog.ts"`)).toEqual([
      `${log}:2 exports two, which nobody uses: delete it.`,
      `${log}:3 exports three, which nobody uses: delete it.`,
      `${log}:4 exports Four, which nobody uses: delete it.`,
    ])
    expect(judged(`import { two } from "./EventLog.ts"`)).toEqual([
      `${log}:1 exports one, which only this file uses: stop exporting it.`,
      `${log}:3 exports three, which nobody uses: delete it.`,
      `${log}:4 exports Four, which nobody uses: delete it.`,
    ])
  })

  it("follows names through namespaces and exports", () => {
    const all = `import * as EventLog from "./EventLog.ts"\n`
    const taken = "const x: EventLog.three = { one: EventLog.one, three: y.two }"
    expect(judged(all + taken)).toEqual([
      `${log}:2 exports two, which nobody uses: delete it.`,
      `${log}:4 exports Four, which nobody uses: delete it.`,
    ])
    expect(judged(`${all}Object.keys(EventLog)`)).toEqual([])
    expect(judged(`${all}EventLog["one"]`)).toEqual([])
    expect(judged(`export * from "./EventLog.ts"`)).toEqual([])
    expect(judged(`const log = await import("./EventLog.ts")`)).toEqual([])
    expect(
      judged(`export { one as first, two, type three, type Four } from "./EventLog.ts"`),
    ).toEqual([
      `${user}:1 exports first, which nobody uses: delete it.`,
      `${user}:1 exports two, which nobody uses: delete it.`,
      `${user}:1 exports three, which nobody uses: delete it.`,
      `${user}:1 exports Four, which nobody uses: delete it.`,
    ])
  })

  it("lets a type be named where something exported is made of it, and an entry export all", () => {
    const text =
      "export interface Limits { readonly size: number }\nexport const f = (l: Limits) => l"
    const files = { [log]: text, [user]: `import { f } from "./EventLog.ts"` }
    expect(judge(DeadCode.usedExports, files)).toEqual([])
    const entry = { "packages/log/package.json": `{ "exports": { ".": "./src/EventLog.ts" } }` }
    expect(judge(DeadCode.usedExports, { [log]: exporting, ...entry })).toEqual([])
  })

  it("catches what only tests use; a double of a service is theirs", () => {
    const test = { "packages/log/test/a.test.ts": `import { one, two } from "../src/EventLog.ts"` }
    expect(judge(DeadCode.usedBeyondTests, { [log]: exporting, ...test })).toEqual([
      `${log}:2 exports two, which only tests use: move it into the tests, ` +
        "or have them take it from where it is made.",
    ])
    const double = {
      [log]: "export const layerMemory = 1",
      "packages/log/test/a.test.ts": `import { layerMemory } from "../src/EventLog.ts"`,
    }
    expect(judge(DeadCode.usedBeyondTests, double)).toEqual([])
  })
})

describe("Code", () => {
  const lines = (count: number, line: string) => Array(count).fill(line).join("\n")

  it("catches a function of 61 lines, and says what it is called", () => {
    const make = (count: number) => `const make = () => {\n${lines(count - 2, "  f()")}\n}`
    expect(judge(Code.shortFunctions, { [log]: make(60) })).toEqual([])
    expect(judge(Code.shortFunctions, { [log]: make(61) })).toEqual([
      `${log}:1 make has 61 lines: at most 60.`,
    ])
    const method = `class A {\n  read() {\n${lines(60, "    f()")}\n  }\n}`
    expect(judge(Code.shortFunctions, { [log]: method })).toHaveLength(1)
    const generator = `const read = Effect.fn("x")(function* () {\n${lines(60, "  f()")}\n})`
    expect(judge(Code.shortFunctions, { [log]: generator })).toHaveLength(1)
  })

  it("catches a file of 251 lines of code; comments and blank lines are free", () => {
    const free = "\n// why\n/* and\nhow */\n"
    expect(judge(Code.shortFiles, { [log]: lines(250, "f()") + free })).toEqual([])
    expect(judge(Code.shortFiles, { [log]: lines(251, "f()") })).toEqual([
      `${log} has 251 lines of code, more than 250: find the second concept that it holds, ` +
        "and give that a file. Split by concept, never by length.",
    ])
  })

  it("catches any and assertions", () => {
    const text = "const a: any = 1\nconst b = a as Person\nconst c = <Person>a\nconst d = f<any>()"
    expect(judge(Code.honestTypes, { [identity]: text })).toHaveLength(4)
    const fine = `const a = [1] as const\nconst b = { a } satisfies B\nimport { x as y } from "x"`
    expect(judge(Code.honestTypes, { [identity]: fine })).toEqual([])
  })

  it("lets a brand's constructor assert, and only the brand", () => {
    const brand = "export const PersonId = (text: string): PersonId => text as PersonId"
    expect(judge(Code.honestTypes, { [identity]: brand })).toEqual([])
    const other = "export const PersonId = (text: string) => text as Position"
    expect(judge(Code.honestTypes, { [identity]: other })).toHaveLength(1)
    const constant = `export const PersonId = "x" as PersonId`
    expect(judge(Code.honestTypes, { [identity]: constant })).toHaveLength(1)
  })

  it("catches words that stand for something we do otherwise", () => {
    const chores = `// ${"TO"}DO: later\n// ${"FIX"}ME`
    expect(judge(Code.goodWords, { [log]: chores })).toHaveLength(2)
    const impure = "const a = Date.now()\nconst b = Math.random()\nconst c = new Date()"
    expect(judge(Code.goodWords, { [identity]: impure })).toHaveLength(3)
    expect(judge(Code.goodWords, { [log]: impure })).toEqual([])
    const printing = `console.log("x")`
    expect(judge(Code.goodWords, { [log]: printing })).toHaveLength(1)
    expect(judge(Code.goodWords, { "packages/cli/src/main.ts": printing })).toEqual([])
    const citing = "/** Merges two persons (SPEC §8, P56). */"
    expect(judge(Code.goodWords, { "packages/onymous/src/Onymous.ts": citing })).toHaveLength(2)
    expect(judge(Code.goodWords, { [identity]: citing })).toEqual([])
    const transaction = "sql.withTransaction(effect)"
    expect(judge(Code.goodWords, { [log]: transaction })).toHaveLength(1)
    const combinator = "packages/database/src/sql/Transaction.ts"
    expect(judge(Code.goodWords, { [combinator]: transaction })).toEqual([])
    const apart =
      "const { optional, Struct } = Schema\nconst { a } = schema\nconst b = Schema.optional"
    expect(judge(Code.goodWords, { [log]: apart })).toHaveLength(1)
  })

  it("catches names that say nothing", () => {
    const paths = [
      "packages/core/src/Event.ts",
      "packages/log/src/shared/Event.ts",
      "packages/log/src/helpers.ts",
      "packages/log/src/Utils.ts",
    ]
    for (const path of paths) expect(judge(Code.goodNames, { [path]: "" })).toHaveLength(1)
    expect(judge(Code.goodNames, { [log]: "" })).toEqual([])
  })
})

describe("Layout", () => {
  it("catches what does not belong at the top level", () => {
    expect(judge(Layout.quietTop, {}, ["packages", ".ci", "README.md", "notes.md"])).toEqual([
      "notes.md lies at the top level: it belongs in a package.",
    ])
  })

  it("catches a package without a README", () => {
    const files = { "README.md": "", [log]: "" }
    expect(judge(Layout.introduced, files)).toEqual(["packages/log/README.md is missing."])
  })

  it("catches a link that leads nowhere", () => {
    const text = [
      "[log](packages/log) [site](https://example.org) [here](#here)",
      "[file](packages/log/src/EventLog.ts#L3) `[code](code.md)`",
      "[gone](packages/log/src/Gone.ts)",
    ].join("\n")
    expect(judge(Layout.soundLinks, { "README.md": text, [log]: "" })).toEqual([
      "README.md:3 links to packages/log/src/Gone.ts, which does not exist.",
    ])
    const below = { "packages/log/README.md": "[up](../../README.md)", "README.md": "" }
    expect(judge(Layout.soundLinks, below)).toEqual([])
  })

  it("catches machines' paths, registries' hosts and tools' names", () => {
    const foreign = [
      `see /${"ro"}ot/x`,
      `see /${"home"}/somebody/x`,
      `https://registry.${"npm"}js.org/x`,
      `by ${"Clau"}de`,
    ]
    for (const text of foreign) {
      expect(judge(Layout.ownWords, { "README.md": text }), text).not.toEqual([])
    }
    const fine = "packages/work/x, https://example.org/home/a/b and rooted"
    expect(judge(Layout.ownWords, { "README.md": fine })).toEqual([])
  })

  const manifest = (version: string) => JSON.stringify({ devDependencies: { effect: version } })

  it("catches ranges of versions", () => {
    for (const version of ["^4.1.0", "~4.1.0", "*", "4.x", ">=4", "latest"]) {
      expect(judge(Layout.exactVersions, { "package.json": manifest(version) })).toHaveLength(1)
    }
    expect(judge(Layout.exactVersions, { "package.json": manifest("4.1.0-beta.1") })).toEqual([])
  })

  it("catches two versions of one dependency", () => {
    const files = {
      "package.json": manifest("4.1.0"),
      "packages/log/package.json": manifest("4.0.9"),
    }
    expect(judge(Layout.oneVersion, files)).toEqual([
      "packages/log/package.json wants effect 4.0.9, and package.json wants 4.1.0.",
    ])
  })
})
