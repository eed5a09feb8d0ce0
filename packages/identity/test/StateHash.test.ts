import { describe, expect, it } from "@effect/vitest"
import * as RandomLog from "@onymous/simulator/RandomLog"
import * as Identity from "@onymous/identity/Identity"
import * as StateHash from "@onymous/identity/StateHash"
import { identify, logOf, page, project, seen } from "./history.ts"

const hashOf = (...events: ReadonlyArray<unknown>) => Identity.settle(page(...events).identity)

const top = 2n ** 128n - 1n

describe("the sum", () => {
  it("wraps at 128 bits, and subtracting undoes adding", () => {
    expect(StateHash.add(top, 2n)).toBe(1n)
    expect(StateHash.subtract(1n, 2n)).toBe(top)
    expect(StateHash.subtract(StateHash.add(5n, top), top)).toBe(5n)
  })

  it.each([0n, 1n, top])("%s is 32 digits as text, and is read back", (value) => {
    expect(StateHash.toText(value)).toMatch(/^[0-9a-f]{32}$/)
    expect(StateHash.fromText(StateHash.toText(value))).toBe(value)
  })
})

describe("the state hash", () => {
  it("is zero where nothing has happened", () => {
    expect(hashOf()).toBe(0n)
  })

  it("does not ask in which order a state came about", () => {
    const ann = { ...seen("ann", { $set: { a: 1, b: 2 } }), timestamp: "2022-01-01" }
    const other = { ...seen("ann", { $set: { b: 2, a: 1 } }), timestamp: "2022-01-01" }
    const bob = { ...seen("bob"), timestamp: "2022-01-01" }
    expect(hashOf(ann, bob)).toBe(hashOf(bob, other))
  })

  it.each([
    ["another id", [identify("ann", "dev")]],
    ["a property", [seen("ann", { $set: { a: 1 } })]],
    ["a created_at", [{ ...seen("ann"), timestamp: "2022-01-01" }]],
    ["a warning", [identify("ann", "null")]],
    ["a person", [seen("ann"), seen("bob")]],
    ["a version", [seen("ann", { $set: { a: 1 } }), seen("ann", { $unset: ["a"] })]],
  ])("sees %s", (_, events) => {
    expect(hashOf(...events)).not.toBe(hashOf(seen("ann")))
  })

  it("sees which ids a person has, not only how many", () => {
    expect(hashOf(identify("ann", "dev"))).not.toBe(hashOf(identify("ann", "bed")))
  })

  it("is recorded every 1,000 positions, the same in whatever batches", () => {
    const log = logOf(RandomLog.make(7, 2500))
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
