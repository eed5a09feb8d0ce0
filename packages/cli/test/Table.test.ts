import { describe, expect, it } from "vitest"
import { ids, json, jsonItems, person, table, text, time } from "../src/output/Table.ts"
import { widthOf } from "../src/output/TextWrap.ts"

const uuid = "0ecc4640-cd52-5d1b-a27b-57f37a04db38"

const columns = [person("PERSON"), time("CREATED", 1), ids("DISTINCT IDS"), json("PROPERTIES", 2)]

const rowOf = (distinctIds: ReadonlyArray<string>, properties: object) => [
  uuid,
  "2022-10-25T12:00:00.000Z",
  distinctIds,
  jsonItems(properties),
]

describe("a table", () => {
  it("has one whole line a row where no terminal reads it, whatever its length", () => {
    const long = "x".repeat(500)
    const lines = table(columns, [rowOf(["ann", long], { plan: "pro", city: "Łódź" })], undefined)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toBe(
      `${uuid}  2022-10-25T12:00:00.000Z  ann ${long}  {"plan":"pro","city":"Łódź"}`,
    )
  })

  it("shows all of what fits", () => {
    const lines = table(columns, [rowOf(["ann"], {})], 140)
    expect(lines[1]).toBe(`${uuid}  2022-10-25T12:00:00.000Z  ann           {}`)
  })

  it("shortens times and persons first, then leaves out the least useful column and names it", () => {
    const rows = [rowOf([uuid], { email: "ann@example.com", plan: "pro" })]
    expect(table(columns, rows, 115)).toEqual([
      "PERSON     CREATED               DISTINCT IDS                          PROPERTIES",
      `0ecc4640…  2022-10-25T12:00:00Z  ${uuid}  {"email":"ann@example.com","plan":"pro"}`,
    ])
    expect(table(columns, rows, 80)).toEqual([
      "PERSON     DISTINCT IDS                          PROPERTIES",
      `0ecc4640…  ${uuid}  {"email":"ann@example.com",`,
      `${" ".repeat(49)}"plan":"pro"}`,
      "(No room for CREATED; --json has all.)",
    ])
  })

  it("breaks a cell between its ids, and an id only where no line holds it", () => {
    const shown = table([ids("IDS")], [[["anna", "bernadette", "c".repeat(25)]]], 20)
    expect(shown).toEqual(["IDS", "anna bernadette", "c".repeat(20), "ccccc"])
  })

  it("breaks JSON after a comma and after a key, and a word only where it is too wide", () => {
    const value = '["anonymous","guest",{"url":"https://example.com"}]'
    expect(table([text("VALUE")], [[value]], 24)).toEqual([
      "VALUE",
      '["anonymous","guest",',
      '{"url":',
      '"https://example.com"}]',
    ])
  })

  it("is never wider than the terminal, and shows each id whole that fits, at any width", () => {
    const all = [uuid, "user-0001@example.com", "李小龙", "👩‍👩‍👧 family", "a\u202Eb"]
    const rows = all.map((id) => rowOf([id, uuid], { id, url: "https://example.com/a?b=c" }))
    for (let width = 52; width <= 200; width++) {
      const lines = table(columns, rows, width)
      expect(Math.max(...lines.map(widthOf)), `at ${width}`).toBeLessThanOrEqual(width)
      for (const id of [uuid, "user-0001@example.com", "李小龙", "a\\u202eb"]) {
        expect(lines.join("\n"), `at ${width}`).toContain(id)
      }
    }
  })

  it("gives a column of short cells no more than they take, however tight it is", () => {
    const short = [
      { name: "A", wraps: 8 },
      { name: "TEXT", wraps: 20 },
    ]
    const [header = ""] = table(short, [["1", "word ".repeat(40)]], 30)
    expect(header).toBe("A  TEXT")
  })

  it("aligns by columns of the terminal: wide letters take two, marks none", () => {
    const rows = ["ann", "李小龙", "👩‍👩‍👧", "Zoe\u0308"].map((id) => [id, "x"])
    expect(table([{ name: "ID" }, { name: "X" }], rows, 80)).toEqual([
      "ID      X",
      "ann     x",
      "李小龙  x",
      "👩‍👩‍👧      x",
      "Zoe\u0308     x",
    ])
  })

  it("ends a cell of very many lines with a mark", () => {
    const lines = table([text("TEXT")], [["word ".repeat(500)]], 40)
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe("…")
  })
})
