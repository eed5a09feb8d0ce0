import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { widthOf } from "../src/output/TextWrap.ts"
import { onColumns } from "./InProcess.ts"
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
  ["what-if", "--without", wrongMerge],
  ["bisect", "same", "not-logged-in", userId(7)],
]

/** True for a line with a word that is too long for the terminal, which has to wrap it. */
const hasLongWord = (line: string, columns: number): boolean =>
  line.split(/\s+/).some((word) => widthOf(word) > columns - 8)

describe.each([80, 140])("a terminal of %i columns", (columns) => {
  it.each(questions)("holds every line of %s %s", async (...words) => {
    const { code, stdout, stderr } = await onColumns(columns, [...words, ...file])
    expect(code).toBe(0)
    const lines = `${stderr}${stdout}`.split("\n")
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
      expect(["\u202E", "\u001B[2J"].filter((moves) => text.includes(moves))).toEqual([])
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

describe("long work", () => {
  /** So many users that each command takes longer than two seconds. */
  const big = 60_000
  let path = ""
  beforeAll(() => {
    path = join(directory, "big.ndjson")
    writeFileSync(path, lines(big).join("\n"))
  })

  it.each([
    ["replay", "reading"],
    ["verify", "comparing"],
    ["what-if", "folding"],
  ])("%s tells how far it is, and says that it was cancelled", async (command, step) => {
    const policy = ["--policy", 'own_illegal_ids=["tablet-in-the-shop"]']
    const words = command === "replay" ? [path] : ["--file", path]
    const flags = [command, ...words, ...(command === "what-if" ? policy : [])]
    const { code, text, lines } = await onTerminal(80, flags, (text) => text.includes(step))
    expect(text).toMatch(
      new RegExp(`\\[[#.]{8}\\] \\d+ % {2}${step} [\\d,.]+/[\\d,.]+ (events|MB)`),
    )
    expect({ code, last: lines.at(-1) }).toEqual({ code: 3, last: "Cancelled." })
  })

  it("an import that is cancelled says what it has taken, and goes on from there", async () => {
    const flags = ["import", path, "--data-dir", join(directory, "cancelled")]
    const cancelled = await onTerminal(80, flags, (text) => text.includes("reading"))
    const told = /(\d+) events are in the log; the same command goes on from there\.\s+Cancelled\.$/
    expect(cancelled).toMatchObject({ code: 3, text: expect.stringMatching(/Cancelled\.\r\n$/) })
    const [, taken] = told.exec(cancelled.text.trimEnd()) ?? []
    expect(Number(taken)).toBeGreaterThan(0)
    const { text, lines } = await onTerminal(80, [...flags, "--json"])
    expect(text).toMatch(/deriving [\d,]+\/[\d,]+ events/)
    expect(text).toContain("publishing …")
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ known: Number(taken), bad: 0 })
  })

  it("a rebuild has each of its steps in its line, and cancelled says so", async () => {
    const flags = ["rebuild", "--data-dir", join(directory, "cancelled")]
    const whole = await onTerminal(80, flags)
    const steps = ["1/4 deriving", "2/4 making indexes …", "3/4 comparing …", "4/4 publishing …"]
    expect(steps.filter((step) => !whole.text.includes(step))).toEqual([])
    expect(whole.text).toContain("Project 1 is rebuilt")
    const { code, lines } = await onTerminal(80, flags, (text) => text.includes("deriving"))
    expect({ code, last: lines.at(-1) }).toEqual({ code: 3, last: "Cancelled." })
  })
}, 300_000)
