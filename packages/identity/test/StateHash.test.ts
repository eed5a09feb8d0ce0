import { describe, expect, it } from "@effect/vitest"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as Identity from "../src/Identity.ts"
import * as StateHash from "../src/state/StateHash.ts"
import { identify, logOf, page, project, seen } from "./pastLines.ts"

const hashOf = (...events: ReadonlyArray<unknown>) => Identity.settle(page(...events).identity)

const seven = StateHash.fromText("00000007".repeat(4))

describe("the sum", () => {
  it("wraps in each word, and subtracting undoes adding", () => {
    const top = StateHash.fromText("f".repeat(32))
    const six = StateHash.fromText("00000006".repeat(4))
    expect(StateHash.add(top, seven)).toEqual(six)
    expect(StateHash.subtract(six, seven)).toEqual(top)
    expect(StateHash.subtract(StateHash.add(seven, top), top)).toEqual(seven)
  })

  it.each(["0".repeat(32), "f".repeat(32), "0123456789abcdef89abcdef01234567"])(
    "%s is read and written",
    (text) => expect(StateHash.toText(StateHash.fromText(text))).toBe(text),
  )
})

describe("the state hash", () => {
  it("is zero where nothing has happened", () => {
    expect(hashOf()).toEqual(StateHash.zero)
  })

  it("does not ask in which order a state came about", () => {
    const ann = { ...seen("ann", { $set: { a: 1, b: 2 } }), timestamp: "2022-01-01" }
    const other = { ...seen("ann", { $set: { b: 2, a: 1 } }), timestamp: "2022-01-01" }
    const bob = { ...seen("bob"), timestamp: "2022-01-01" }
    expect(hashOf(ann, bob)).toEqual(hashOf(bob, other))
  })

  it.each([
    ["another id", [identify("ann", "dev")]],
    ["a property", [seen("ann", { $set: { a: 1 } })]],
    ["a created_at", [{ ...seen("ann"), timestamp: "2022-01-01" }]],
    ["a warning", [identify("ann", "null")]],
    ["a person", [seen("ann"), seen("bob")]],
    ["a version", [seen("ann", { $set: { a: 1 } }), seen("ann", { $unset: ["a"] })]],
  ])("sees %s", (_, events) => {
    expect(hashOf(...events)).not.toEqual(hashOf(seen("ann")))
  })

  it("sees which ids a person has, not only how many", () => {
    expect(hashOf(identify("ann", "dev"))).not.toEqual(hashOf(identify("ann", "bed")))
  })

  it("is recorded every 1,000 positions, the same in whatever batches", () => {
    const log = logOf(RandomEvents.make(7, 2500))
    const whole = Identity.fold(Identity.empty(project), log)
    const batched = Identity.empty(project)
    const changes = Array.from({ length: 7 }, (_, index) =>
      log.slice(index * 400, index * 400 + 400),
    ).flatMap((batch) => [...Identity.fold(batched, batch)])
    const hashed = whole.filter(({ _tag }) => _tag === "Hashed")
    expect(hashed.map(({ position }) => position)).toEqual([1000, 2000])
    expect(changes).toEqual(whole)
    const prefix = Identity.empty(project)
    Identity.fold(prefix, log.slice(0, 1000))
    expect(hashed[0]).toMatchObject({ stateHash: StateHash.toText(prefix.stateHash) })
  })
})
