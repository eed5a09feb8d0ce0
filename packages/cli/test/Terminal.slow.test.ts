import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { widthOf } from "../src/output/TextWrap.ts"
import { onymous } from "./Serving.ts"
import { browserId, lines, oddIds, userId, uuidOf, wrongMergeLine } from "./SharedDevice.ts"
import { onTerminal } from "./Terminal.ts"

let directory = ""
let file: ReadonlyArray<string> = []

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-terminal-"))
  const path = join(directory, "shop.ndjson")
  writeFileSync(path, lines().join("\n"))
  file = ["--file", path]
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const wrongMerge = uuidOf(wrongMergeLine())

const questions = [
  ["persons", "--limit", "20"],
  ["warnings"],
  ["waiting"],
  ["policy"],
  ["why", "not-logged-in", userId(7)],
  ["why", userId(20), userId(30)],
  ["why", userId(7), "--culprits"],
  ["why", userId(50), "--property", "plan"],
  ["why", "not-logged-in", userId(7), "--undo"],
  ["history", userId(7)],
  ["trace", wrongMerge],
  ["diff", "300", "330"],
  ["bisect", "same", "not-logged-in", userId(7)],
]

/** A terminal wraps what it cannot hold, such as a long word; these lines have one. */
const hasLongWord = (line: string, columns: number): boolean =>
  line.split(/\s+/).some((word) => widthOf(word) > columns - 8)

describe.each([80, 140])("a terminal of %i columns", (columns) => {
  it.each(questions)("holds every line of %s %s", async (...words) => {
    const { code, lines } = await onTerminal(columns, [...words, ...file])
    expect(code).toBe(0)
    const wide = lines.filter((line) => widthOf(line) > columns && !hasLongWord(line, columns))
    expect(wide).toEqual([])
  })
})

describe("what commands show", () => {
  it("warnings name both ids whole at 80 columns, and how many there are", async () => {
    const { text } = await onTerminal(80, ["warnings", ...file])
    expect(text).toContain("cannot_merge_already_identified: 29, last")
    expect(text).toContain(`tablet-in-the-shop → ${userId(20)}`)
  })

  it("persons have whole ids at 80 columns, and the way to the others", async () => {
    const { text } = await onTerminal(80, ["persons", "--limit", "7", ...file])
    expect(text).toContain(browserId(300))
    expect(text).toMatch(/7 shown; older ones: --cursor\s+\S+, or more with --limit/)
  })

  it("ids that turn the line or clear the screen are escaped, as text and as JSON", async () => {
    for (const more of [[], ["--json"]]) {
      const { text } = await onTerminal(140, ["persons", "--limit", "7", ...more, ...file])
      expect(text).not.toMatch(/[\u202E\u001B]/)
      expect(text).toContain("\\u202egnp.exe")
    }
    const piped = await onymous(["persons", "--limit", "7", "--json", ...file])
    const found = JSON.parse(piped.stdout).results.flatMap(
      (each: { distinct_ids: ReadonlyArray<string> }) => each.distinct_ids,
    )
    for (const id of oddIds) expect(found).toContain(id)
  })

  it("a wrong merge is told as what it changed, not as whole persons", async () => {
    const { text } = await onTerminal(80, ["what-if", "--without", wrongMerge, ...file])
    expect(text).toContain("- id not-logged-in")
    expect(text).toMatch(/^\+ person \S+, created \S+,\s+split from \S+/m)
    expect(text).not.toContain(`email "${userId(7)}"`)
  })

  it("what a pipe reads has one line a row, as long as it is", async () => {
    const { stdout } = await onymous(["persons", "--limit", "7", ...file])
    const rows = stdout.trimEnd().split("\n")
    expect(rows).toHaveLength(9)
    expect(rows[7]).toMatch(/^[0-9a-f-]{36} {2}yes .*"plan":"/)
  })
})
