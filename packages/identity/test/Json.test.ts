import { expect, it } from "@effect/vitest"
import * as Json from "../src/encoding/Json.ts"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as RandomJson from "./randomJson.ts"

it("equality is by value: keys in any order, arrays in theirs", () => {
  expect(Json.equals({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true)
  expect(Json.equals([1, 2], [2, 1])).toBe(false)
  expect(Json.equals({ a: null }, {})).toBe(false)
  expect(Json.equals({}, [])).toBe(false)
  expect(Json.equals(1, "1")).toBe(false)
  expect(Json.equals(null, undefined)).toBe(false)
})

it("the most bytes that a text may take are never fewer than it takes", () => {
  const next = RandomEvents.random(7)
  let bounded = 0
  for (let count = 0; count < 2000; count++) {
    const value = RandomJson.value(next)
    const object = Json.isObject(value) ? value : { a: value, "\ud800": "\u0001\u00e9\u6f22" }
    if (!Json.isObject(object)) continue
    const most = Json.bytesMost(object)
    expect(most).toBeGreaterThanOrEqual(new TextEncoder().encode(JSON.stringify(object)).length)
    if (Number.isFinite(most)) bounded++
  }
  expect(bounded).toBeGreaterThan(100)
  expect(Json.bytesMost({ a: -Number.MAX_VALUE })).toBeGreaterThanOrEqual(30)
})

it("the canonical text sorts keys at every depth, and escapes as JSON does", () => {
  const text = Json.canonical({ b: { d: 1, c: ["\n", true] }, a: null })
  expect(text).toBe('{"a":null,"b":{"c":["\\n",true],"d":1}}')
})

it("a key named __proto__ is a key like any other", () => {
  const parsed: unknown = JSON.parse('{"__proto__":{"a":1}}')
  if (!Json.isObject(parsed)) throw new Error("not an object")
  expect(Json.canonical(parsed)).toBe('{"__proto__":{"a":1}}')
  expect(Json.canonical(Json.copyObject(parsed))).toBe('{"__proto__":{"a":1}}')
  expect(Json.equals(parsed, {})).toBe(false)
  expect(Json.get(parsed, "a")).toBeUndefined()
  expect(Json.get({}, "toString")).toBeUndefined()
})

it("cleaning changes NUL and lone surrogates, and nothing that only looks like them", () => {
  expect(Json.clean({ "a\0": ["\ud800", "\u{1f600}"] })).toEqual({
    "a\ufffd": ["\ufffd", "\u{1f600}"],
  })
  expect(Json.clean({ a: "\\u0000 \\ud800" })).toEqual({ a: "\\u0000 \\ud800" })
  const clean = { a: [{ b: "\u{1f600}" }] }
  expect(Json.clean(clean)).toEqual(clean)
})

it("depth is counted without overflowing the stack", () => {
  let value: unknown = []
  for (let level = 1; level < 100_000; level++) value = [value]
  expect(Json.isDeeperThan(value, Json.depthMax)).toBe(true)
  expect(Json.isDeeperThan([[]], 2)).toBe(false)
  expect(Json.isDeeperThan([[]], 1)).toBe(true)
  expect(Json.isDeeperThan("text", 0)).toBe(false)
})
