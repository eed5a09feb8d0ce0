import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { ofSchema } from "../src/schema/SchemaInvalid.ts"
import * as OperatorCommand from "../src/event/OperatorCommand.ts"
import { DistinctId } from "../src/event/DistinctId.ts"
import type { Recorded } from "../src/event/Event.ts"
import type * as Json from "../src/encoding/Json.ts"
import * as PersonId from "../src/state/PersonId.ts"
import * as Presets from "../src/policy/Presets.ts"
import {
  groupsOf,
  historyOf,
  identify,
  logOf,
  pageUnbuffered,
  personOf,
  project,
  propertiesOf,
  record,
  seen,
} from "./pastLines.ts"

/** A log of events and commands. */
const log = (...steps: ReadonlyArray<object>): ReadonlyArray<Recorded> =>
  steps.map((step, index) => {
    if (!("api" in step)) {
      const [recorded] = logOf([step])
      if (recorded === undefined) throw new Error("no event")
      return { ...record(recorded.event, index), event: { ...recorded.event, uuid: `${index}` } }
    }
    const body: Json.JsonObject = JSON.parse(
      JSON.stringify({ by: "ann", reason: "a test", ...step }),
    )
    const operation = OperatorCommand.decode(body, `${index}`)
    return record(Result.getOrThrow(operation), index)
  })

const after = (...steps: ReadonlyArray<object>) => historyOf(log(...steps))

const split = { api: "persons.split", distinct_id: "ann" }
const gone = { api: "persons.delete", distinct_id: "ann" }
const trio = [identify("ann", "b", { $set: { plan: "pro" } }), identify("ann", "c")]

const idOf = (id: string, generation?: number) => PersonId.of(project, DistinctId(id), generation)

describe("a split", () => {
  it("moves every other id to a new person, empty and not identified (P56)", () => {
    const history = after(...trio, split)
    expect(groupsOf(history)).toEqual(["ann", "b", "c"])
    expect(personOf(history, "b")).toMatchObject({ id: idOf("b"), isIdentified: false })
    expect(personOf(history, "ann")).toMatchObject({ id: idOf("ann"), isIdentified: true })
  })

  it("without a main id takes the properties in 2022, and keeps them today", () => {
    expect(propertiesOf(after(...trio, split), "ann")).toEqual({})
    const today = historyOf(log(...trio, split), Presets.posthog)
    expect(propertiesOf(today, "ann")).toEqual({ plan: "pro" })
  })

  it("with a main id leaves it the person with its properties", () => {
    const history = after(...trio, { ...split, main_distinct_id: "b" })
    expect(personOf(history, "b")).toMatchObject({ id: idOf("ann"), properties: { plan: "pro" } })
    expect(personOf(history, "ann")).toMatchObject({ id: idOf("ann", 1), properties: {} })
  })

  it("of some ids leaves the others together", () => {
    const history = after(...trio, { ...split, distinct_ids_to_split: ["b", "nobody"] })
    expect(groupsOf(history)).toEqual(["ann c", "b"])
    expect(propertiesOf(history, "ann")).toEqual({ plan: "pro" })
  })

  it("leaves the person to the id that was seen first, through merges", () => {
    const history = after(seen("old"), identify("ann", "b"), identify("ann", "old"), split)
    expect(personOf(history, "old")?.id).toBe(idOf("ann"))
  })

  it("of nobody, or by the id of somebody else, does nothing", () => {
    expect(after({ ...split, distinct_id: "nobody" }).last).toEqual([])
    expect(after(...trio, { ...split, main_distinct_id: "other" }).last).toEqual([])
  })
})

describe("a deletion", () => {
  it("leaves nobody, and the ids start afresh under another person id (SPEC §2, §8)", () => {
    expect(groupsOf(after(...trio, gone))).toEqual([])
    const again = after(...trio, gone, seen("b"), seen("ann"))
    expect(groupsOf(again)).toEqual(["ann", "b"])
    expect(personOf(again, "ann")).toMatchObject({ id: idOf("ann", 1), version: 0 })
    expect(personOf(again, "b")?.id).toBe(idOf("b", 1))
  })

  it("can be repeated: each time the id gets another person", () => {
    const history = after(seen("ann"), gone, seen("ann"), gone, seen("ann"))
    expect(personOf(history, "ann")?.id).toBe(idOf("ann", 2))
  })

  it("forgets that an id was used without a person", () => {
    const personless = seen("ann", { $process_person_profile: false })
    const history = historyOf(log(personless, identify("ann", "b"), gone), Presets.posthog)
    expect(history.identity.personless).toEqual(new Set())
  })
})

describe("an operator's merge", () => {
  const two = [identify("ann", "b"), identify("carol", "d")]
  const merge = { api: "persons.merge", distinct_id: "ann", alias: "carol" }

  it("joins two identified persons, which no event may (SPEC §8)", () => {
    expect(groupsOf(after(...two, identify("ann", "carol")))).toEqual(["ann b", "carol d"])
    const history = after(...two, merge)
    expect(groupsOf(history)).toEqual(["ann b carol d"])
    expect(personOf(history, "d")?.id).toBe(idOf("ann"))
  })

  it("does nothing unless both ids have a person", () => {
    // In another past the two ids could have met: they share a cone.
    const joined = [{ _tag: "ConesLinked" }]
    expect(after(...two, { ...merge, alias: "nobody" }).last).toMatchObject(joined)
    expect(after(...two, { ...merge, distinct_id: "nobody" }).last).toMatchObject(joined)
  })
})

describe("an edit", () => {
  it("sets and deletes properties of a person, whatever the opt-out says (P57)", () => {
    const patch = { api: "persons.patch", distinct_id: "b", properties: { plan: "free", n: 1 } }
    const unset = { api: "persons.delete_property", distinct_id: "ann", $unset: ["n"] }
    const policy = { ...pageUnbuffered, personless_events: true }
    const steps = log(...trio, patch, unset)
    const history = historyOf(steps, policy)
    expect(propertiesOf(history, "ann")).toEqual({ plan: "free" })
    const out: Recorded = record(
      { _tag: "PolicyChanged", uuid: "p", change: { person_processing_opt_out: true } },
      2,
    )
    const later = steps.slice(2).map(({ event }, index) => record(event, index + 3))
    const optedOut = historyOf([...steps.slice(0, 2), out, ...later], policy)
    expect(propertiesOf(optedOut, "ann")).toEqual({ plan: "free" })
  })

  it("of nobody makes nobody", () => {
    const patch = { api: "persons.patch", distinct_id: "nobody", properties: {} }
    expect(after(patch).last).toEqual([])
  })
})

describe("a command", () => {
  it.each([
    [{ api: "persons.vanish", distinct_id: "a" }, "api"],
    [{ api: "persons.split" }, "distinct_id"],
    [{ api: "persons.split", distinct_id: "a", main_distinct_id: 3 }, "main_distinct_id"],
    [
      { api: "persons.split", distinct_id: "a", distinct_ids_to_split: [] },
      "distinct_ids_to_split",
    ],
    [{ api: "persons.merge", distinct_id: "a", alias: "b", by: "ann" }, "reason"],
    [{ api: "persons.merge", distinct_id: "a", alias: "a", by: "ann", reason: "x" }, "alias"],
    [{ api: "persons.patch", distinct_id: "a", properties: [] }, "properties"],
    [{ api: "persons.delete_property", distinct_id: "a", $unset: [] }, "$unset"],
    [{ api: "persons.delete", distinct_id: "a", by: " " }, "by"],
  ])("%j is refused by the name of its field", (body, field) => {
    const decoded = Result.mapError(
      OperatorCommand.decode(body, "uuid"),
      (invalid) => invalid.field,
    )
    expect(decoded).toEqual(Result.fail(field))
  })

  it("is refused by the name of a field that it does not have", () => {
    const body = { distinct_id: "a", by: "ann", main_distinctid: "a" }
    const read = (name: OperatorCommand.Name, given: Json.JsonObject) =>
      Result.mapError(
        Schema.decodeUnknownResult(OperatorCommand.acts[name].body, { onExcessProperty: "error" })(
          given,
        ),
        (error) => ofSchema(error, "body").field,
      )
    for (const name of OperatorCommand.names) {
      expect(read(name, body)).toEqual(Result.fail("main_distinctid"))
    }
    const right = { distinct_id: "a", main_distinct_id: "a" }
    expect(read("persons.split", right)).toEqual(Result.succeed(right))
    expect(read("persons.merge", right)).toEqual(Result.fail("main_distinct_id"))
  })

  it("is read back from what it is written as", () => {
    for (const { event } of log(gone, split, { ...split, main_distinct_id: "b" })) {
      if (event._tag === "Captured" || event._tag === "PolicyChanged" || event._tag === "Ticked") {
        throw new Error("no operation")
      }
      expect(OperatorCommand.decode(OperatorCommand.encode(event), event.uuid)).toEqual(
        Result.succeed(event),
      )
    }
  })
})
