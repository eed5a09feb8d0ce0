import { expect, it } from "vitest"
import { Position } from "@onymous/identity/event/Position"
import type { Interval, Open } from "../src/rows/Interval.ts"
import { OpenIntervals } from "../src/rows/OpenIntervals.ts"

interface Row extends Interval {
  readonly name: string
}

const row = (name: string, from: number): Open<Row> => ({ name, from: Position(from), to: null })

it("a row ends where it is closed, and the next one of its key begins", () => {
  const rows = new OpenIntervals<string, Row>()
  rows.open("a", row("first", 1))
  expect(rows.close("a", Position(3))).toMatchObject({ name: "first", to: 3 })
  rows.open("a", row("second", 3))
  expect(rows.get("a")).toMatchObject({ name: "second", to: null })
  expect(rows.takeEnded()).toEqual([{ name: "first", from: 1, to: 3 }])
  expect(rows.takeEnded(), "each is taken once").toEqual([])
  expect([...rows.holding]).toEqual([row("second", 3)])
  expect(rows.storedEnds.size).toBe(0)
})

it("what was true for no position leaves no row", () => {
  const rows = new OpenIntervals<string, Row>()
  rows.open("a", row("never", 2))
  expect(rows.close("a", Position(2))).toMatchObject({ name: "never" })
  expect(rows.takeEnded()).toEqual([])
})

it("what is not of this page is stored, and ends where it ended first", () => {
  const rows = new OpenIntervals<string, Row>()
  expect(rows.close("a", Position(2))).toBeUndefined()
  rows.open("a", row("new", 3))
  rows.close("a", Position(4))
  expect(rows.close("a", Position(5))).toBeUndefined()
  expect([...rows.storedEnds]).toEqual([["a", 2]])
})

it("all rows that were taken are stored from then on", () => {
  const rows = new OpenIntervals<string, Row>()
  rows.close("b", Position(1))
  rows.open("a", row("ended", 1))
  rows.close("a", Position(2))
  rows.open("a", row("holding", 2))
  const { rows: taken, storedEnds } = rows.takeAll()
  expect(taken).toEqual([{ name: "ended", from: 1, to: 2 }, row("holding", 2)])
  expect([...storedEnds]).toEqual([["b", 1]])
  expect(rows.close("a", Position(7))).toBeUndefined()
  expect(rows.takeAll()).toEqual({ rows: [], storedEnds: new Map([["a", 7]]) })
})
