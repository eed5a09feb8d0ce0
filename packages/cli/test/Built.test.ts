import { spawnSync } from "node:child_process"
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { commands } from "../src/CommandList.ts"
import { ask, bin, onymous, serve, sources } from "./Serving.ts"

const home = resolve(import.meta.dirname, "..")
const dist = join(home, "dist")

let directory = ""
let log = ""
let patterns = ""

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-built-"))
  log = join(directory, "log.ndjson")
  const identified = {
    event: "$identify",
    distinct_id: "trace",
    properties: { $anon_distinct_id: "a" },
  }
  writeFileSync(log, JSON.stringify(identified))
  patterns = join(directory, "patterns.ndjson")
  const ruled = [
    { policy: { own_illegal_patterns: ["^bot-[0-9]+$"] } },
    { ...identified, distinct_id: "bot-12" },
  ]
  writeFileSync(patterns, ruled.map((line) => JSON.stringify(line)).join("\n"))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe("the command that was built", () => {
  it.each([
    { words: ["--help"], code: 0, says: "SUBCOMMANDS" },
    { words: ["person", "split", "--help"], code: 0, says: "--only" },
    { words: ["--version"], code: 0, says: "onymous v" },
    { words: ["whyy"], code: 2, says: "Unknown command: whyy. Did you mean why?" },
    { words: ["--completions", "bash"], code: 0, says: "--culprits" },
    { words: ["--wizard"], code: 0, says: "onymous" },
    { words: ["replay", "FILE"], code: 0, says: "1 lines, 1 persons" },
    { words: ["replay", "PATTERNS"], code: 0, says: "illegalDistinctId bot-12" },
    { words: ["verify", "--file", "FILE"], code: 0, says: "1" },
    { words: ["why", "trace", "a", "--file", "FILE"], code: 0, says: "are one person" },
    {
      words: ["--log-level", "trace", "why", "a", "b", "--file", "FILE"],
      code: 1,
      says: "Nobody was ever called b.",
    },
    { words: ["why", "trace", "--file", "FILE"], code: 2, says: "B: expected another distinct id" },
    {
      words: ["doctor", "--database-url", "postgres://postgres:sE%cr3t@127.0.0.1:1/shop"],
      code: 2,
      says: "--database-url: expected a URL whose user and password have",
    },
    { words: ["replay", "missing"], code: 3, says: "ENOENT" },
    { words: ["tail", "--data-dir", "missing"], code: 3, says: "There is no Onymous in" },
  ])("says to $words what its sources say", async ({ words, code, says }) => {
    const files: Readonly<Record<string, string>> = { FILE: log, PATTERNS: patterns }
    const named = words.map((word) => files[word] ?? word)
    const answer = await onymous(named)
    expect(answer).toMatchObject({ code })
    expect(`${answer.stdout}${answer.stderr}`).toContain(says)
    expect(answer).toEqual(await onymous(named, sources))
  })

  // Only systems without such a file skip it, and a run that has to be whole fails there.
  it.skipIf(!existsSync("/dev/full") && process.env["CI"] !== "true")(
    "says in a line that a full disk takes no output",
    () => {
      const full = openSync("/dev/full", "w")
      const words = [bin, "warnings", "--file", log]
      const told = spawnSync(process.execPath, words, { stdio: ["ignore", full, "pipe"] })
      closeSync(full)
      expect({ status: told.status, stderr: String(told.stderr) }).toEqual({
        status: 3,
        stderr: "The output cannot be written: ENOSPC: no space left on device, write\n",
      })
    },
  )

  it("serves until it is told to end", async () => {
    const server = await serve(["--data-dir", join(directory, "data")])
    expect(await ask(server.url, "status")).toMatchObject({ head: 0 })
    // The built server reads the scripts for pages from node_modules.
    expect((await fetch(`${server.url}/static/array.js`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})

/** The files that a file in dist imports before it runs, directly or through others. */
const loadedBy = (name: string): ReadonlySet<string> => {
  const found = new Set([name])
  for (const file of found) {
    if (!file.endsWith(".cjs")) continue
    const text = readFileSync(join(dist, file), "utf8")
    for (const { 1: from = "" } of text.matchAll(/[\w$] = require\("([^"]+)"\)/g)) {
      found.add(from.replace(/^\.\//, ""))
    }
  }
  return found
}

it("an older Node is refused in words, before anything is opened", () => {
  const older = `delete Map.groupBy; require(${JSON.stringify(bin)})`
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", older], {
    encoding: "utf8",
  })
  expect({ status, stdout }).toEqual({ status: 3, stdout: "" })
  expect(stderr).toMatch(/^onymous needs Node 22 or later, and this is Node \d+\.\d+\.\d+\.\n$/)
})

it("what every start loads is neither a command nor a database, and no question of a file loads one", () => {
  const start = [...loadedBy("main.cjs")]
  expect(start.filter((name) => /^(?:why|serve|OnymousLayer)-/.test(name))).toEqual([])
  const why = readdirSync(dist).find((name) => name.startsWith("why-"))
  const question = [...start, ...loadedBy(String(why))]
  // No file loads the embedded database before the command opens it.
  expect(
    readdirSync(dist)
      .flatMap((name) => [...loadedBy(name)])
      .join(),
  ).not.toContain("pglite")
  expect(question.filter((name) => /^(?:Identity-|TimeTravel-)/.test(name))).not.toEqual([])
  expect(question.filter((name) => /^OnymousLayer-|pglite|redis|^re2js/.test(name))).toEqual([])
})

it("what is sent to a collector is loaded where one is named alone, and its modules are there then", () => {
  const named = (name: string) =>
    readdirSync(dist).find((file) => file.startsWith(`${name}-`)) ?? ""
  const exports = [...loadedBy(named("OtlpExport"))]
  expect(exports).toContain(named("Schema"))
  const serving = new Set([...loadedBy("main.cjs"), ...loadedBy(named("serve"))])
  expect(serving).toContain(named("Schema"))
  expect(serving).not.toContain(named("OtlpExport"))
})

it.each(commands)("$name says of itself what the list says of it", async (listed) => {
  const { name, description } = await listed.load()
  expect({ name, description }).toEqual({ name: listed.name, description: listed.description })
})
