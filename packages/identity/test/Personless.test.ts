import { describe, expect, it } from "@effect/vitest"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as PersonId from "../src/state/PersonId.ts"
import * as Presets from "../src/policy/Presets.ts"
import {
  groupsOf,
  historyOf,
  identify,
  logOf,
  page,
  personOf,
  posthog,
  project,
  propertiesOf,
  seen,
  typesOf,
} from "./pastLines.ts"

const personless = (id: string, properties = {}) =>
  seen(id, { ...properties, $process_person_profile: false })

const idOf = (id: string) => PersonId.of(project, DistinctId(id))

describe("a personless event", () => {
  it("makes no person, and its id is remembered (P40)", () => {
    const history = posthog(personless("ann", { $set: { a: 1 } }))
    expect(groupsOf(history)).toEqual([])
    expect(history.identity.personless).toEqual(new Set(["ann"]))
  })

  it("neither reads nor writes the person that its id has (P41)", () => {
    const known = seen("ann", { $set: { a: 1 } })
    const history = posthog(known, personless("ann", { $set: { a: 2 }, $unset: ["a"] }))
    expect(propertiesOf(history, "ann")).toEqual({ a: 1 })
  })

  it("is dropped with a warning where it is about persons (P40)", () => {
    for (const event of ["$identify", "$create_alias", "$merge_dangerously", "$groupidentify"]) {
      const history = posthog({ ...personless("ann"), event })
      expect(typesOf(history)).toEqual(["invalid_event_when_process_person_profile_is_false"])
      expect(history.last.map(({ _tag }) => _tag)).toEqual(["Warned", "Dropped"])
    }
  })

  it("says so with false alone: another value is told, and not heeded (P39)", () => {
    const history = posthog(seen("ann", { $process_person_profile: "false" }))
    expect(typesOf(history)).toEqual(["invalid_process_person_profile"])
    expect(groupsOf(history)).toEqual(["ann"])
  })

  it("is an ordinary event under the page's rules", () => {
    expect(groupsOf(page(personless("ann")))).toEqual(["ann"])
  })
})

describe("whose id a new person gets, of two ids (P19)", () => {
  it.each([
    ["the target's, where neither was used without a person", [], "ann"],
    ["the source's, where only that was", ["device"], "device"],
    ["the target's, where only that was", ["ann"], "ann"],
    ["the target's, where both were", ["ann", "device"], "ann"],
  ] as const)("%s", (_, used, founder) => {
    const history = posthog(...used.map((id) => personless(id)), identify("ann", "device"))
    expect(personOf(history, "device")?.id).toBe(idOf(founder))
    expect(personOf(history, "ann")?.id).toBe(idOf(founder))
  })
})

describe("a project that opted out of persons (P42)", () => {
  const policy = { ...Presets.posthog, person_processing_opt_out: true }

  it("makes none, and drops what is about them", () => {
    const history = historyOf(logOf([seen("ann"), identify("ann", "b")]), policy)
    expect(groupsOf(history)).toEqual([])
    expect(typesOf(history)).toEqual(["event_dropped_person_processing_disabled"])
  })

  it("takes no offence at a flag that is none", () => {
    const history = historyOf(logOf([seen("ann", { $process_person_profile: 1 })]), policy)
    expect(typesOf(history)).toEqual([])
  })
})
