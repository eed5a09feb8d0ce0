import { expect, it } from "@effect/vitest"
import * as ExactJson from "../src/encoding/ExactJson.ts"
import * as Json from "../src/encoding/Json.ts"
import * as NumberText from "../src/encoding/NumberText.ts"
import * as EventDecoder from "../src/event/EventDecoder.ts"
import { matchesAll } from "../src/policy/PropertyFilter.ts"

const uuid = () => "01840000-0000-7000-8000-000000000001"

it.each(
  [
    ["9007199254740993", "-9007199254740993", "123456789012345678901234567890"],
    ["100000000000000000000000", "1e400", "-1E400", "1e-400", "4.9406564584e-324"],
    ["0.10000000000000000555", "12345678901234567.5", `1${"0".repeat(400)}`, `0.${"3".repeat(40)}`],
  ].flat(),
)("%s keeps its text, wherever it stands", (text) => {
  const json = `{"a":${text},"b":[ ${text},{"c":${text}}]}`
  const value = ExactJson.parse(json)
  expect(JSON.stringify(value)).toBe(json.replace(" ", ""))
  expect(Json.isObject(value) && Json.isObject(value["a"])).toBe(false)
  expect(NumberText.isKept(text)).toBe(false)
})

it.each(
  [
    ["0", "-0", "-0.0", "0e999", "1", "1.0", "1e5", "1E+21", "0.1000", "100000000000000000000"],
    ["9007199254740992", "0.8123456789012345", "1.7976931348623157e308", "5e-324"],
  ].flat(),
)("%s is a number, because a double keeps it", (text) => {
  const value = ExactJson.parse(`[${text}]`)
  expect(value).toStrictEqual(JSON.parse(`[${text}]`))
})

it("texts that look like numbers, and keys twice, are what they are for JSON.parse", () => {
  const text = `{"9007199254740993":"9007199254740993, 1e400","a":1e400,"a":[],"b":9007199254740993}`
  expect(JSON.stringify(ExactJson.parse(text))).toBe(
    `{"9007199254740993":"9007199254740993, 1e400","a":[],"b":9007199254740993}`,
  )
  expect(() => ExactJson.parse("[9007199254740993")).toThrow(SyntaxError)
})

it("numbers that are kept as their text are equal by it, and have it in the canonical text", () => {
  const of = (text: string) => ExactJson.parse(`{"b":1,"a":${text}}`)
  expect(Json.equals(of("9007199254740993"), of("9007199254740993"))).toBe(true)
  expect(Json.equals(of("9007199254740993"), of("9007199254740992"))).toBe(false)
  expect(Json.canonical(of("1e400"))).toBe('{"a":1e400,"b":1}')
})

it("two ids that one double stands for are two ids", () => {
  const event = (id: string, source: string) =>
    EventDecoder.decode(
      ExactJson.parse(
        `{"event":"$identify","distinct_id":${id},"properties":{"$anon_distinct_id":[${source}],"$set":{"n":${id}}}}`,
      ),
      uuid,
    )
  expect(event("9007199254740993", "9007199254740995")).toMatchObject({
    success: {
      event: { distinctId: "9007199254740993", source: "9007199254740995" },
      payload: expect.stringContaining('{"n":9007199254740993}'),
    },
  })
  expect(event("9007199254740992", "1")).toMatchObject({
    success: { event: { distinctId: "9007199254740992" } },
  })
})

it("an offset that is no number of milliseconds is refused by its name", () => {
  const event = (offset: string) =>
    EventDecoder.decode(ExactJson.parse(`{"event":"a","distinct_id":"b","offset":${offset}}`), uuid)
  expect(event("1e400")).toMatchObject({ failure: { field: "offset" } })
  expect(event("1000.00000000000000000001")).toMatchObject({ success: { event: { offset: 1000 } } })
})

it("a filter compares the number that is nearest, and looks for the digits", () => {
  const person = ExactJson.parseObject('{"n":9007199254740993}')
  const asks = (operator: "gt" | "exact", value: Json.Json) =>
    matchesAll([{ type: "person", key: "n", operator, value }], { person, now: 0 })
  expect(asks("gt", 9007199254740000)).toBe(true)
  expect(asks("exact", "9007199254740993")).toBe(true)
  expect(asks("exact", "9007199254740992")).toBe(false)
})

it("a text of digits is looked through once, whatever it holds", () => {
  const tricky = [
    `"${"1".repeat(400_000)}"`,
    `"${"1e100".repeat(80_000)}"`,
    `"${"1+".repeat(200_000)}"`,
  ]
  for (const text of tricky) expect(NumberText.mayHoldLost(text)).toBe(false)
})
