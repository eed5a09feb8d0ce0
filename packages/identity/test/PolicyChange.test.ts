import { describe, expect, it } from "@effect/vitest"
import { Result, Struct } from "effect"
import { Policy } from "../src/policy/Policy.ts"
import * as ChangedPolicy from "../src/policy/ChangedPolicy.ts"
import * as PolicyChange from "../src/policy/PolicyChange.ts"
import * as Presets from "../src/policy/Presets.ts"

it("a changed field changes no other", () => {
  const changed = ChangedPolicy.change(Presets.page, { merge_dangerously: true })
  expect(changed).toEqual({ ...Presets.page, merge_dangerously: true })
})

it("a preset sets all fields, and the others of the same change go over it", () => {
  const own = ChangedPolicy.change(Presets.page, { illegal_ids_exact: ["x"] })
  expect(ChangedPolicy.change(own, { preset: "posthog" })).toEqual(Presets.posthog)
  const mixed = ChangedPolicy.change(own, { merge_dangerously: false, preset: "posthog" })
  expect(mixed).toEqual({ ...Presets.posthog, merge_dangerously: false })
})

it.prop(
  "the least change makes a policy of any other, and names only what differs from the preset",
  [PolicyChange.Change, Policy],
  ([wanted, other]) => {
    const policy = ChangedPolicy.change(Presets.page, wanted)
    const { preset, ...own } = ChangedPolicy.leastChange(policy)
    expect(ChangedPolicy.change(other, { preset: policy.preset, ...own })).toEqual(policy)
    expect(preset).toBe(policy.preset)
    for (const field of Struct.keys(own))
      expect(own[field]).not.toEqual(Presets.presets[policy.preset][field])
  },
)

it.each(Object.values(Presets.presets))(
  "the preset $preset is what is decoded of it, as JSON too",
  (preset) => {
    const decoded = Result.getOrThrow(PolicyChange.decodePolicy(preset))
    expect(JSON.stringify(preset)).toBe(JSON.stringify(decoded))
    expect(Object.keys(preset)).toEqual(Object.keys(Policy.fields))
  },
)

describe("a change from outside", () => {
  it.each([{}, { preset: "posthog" }, { illegal_ids_exact: [], property_mapping: "none" }])(
    "%j is taken as it is",
    (value) => {
      expect(PolicyChange.decode(value)).toEqual(Result.succeed(value))
    },
  )

  it.each([
    ["preset", { preset: "segment" }],
    ["merge_dangerously", { merge_dangerously: 1 }],
    ["illegal_ids_exact[0]", { illegal_ids_exact: [1] }],
    ["own_illegal_patterns[1]", { own_illegal_patterns: ["ok", "(broken"] }],
    ["buffer_window_seconds", { buffer_window_seconds: 0 }],
    ["guard_ids_per_person", { guard_ids_per_person: "refuse" }],
    ["guard_ids_per_person_max", { guard_ids_per_person_max: 0 }],
    [
      "internal_users[0].operator",
      { internal_users: [{ type: "person", key: "a", operator: "like" }] },
    ],
    ["person_properties_bytes_max", { person_properties_bytes_max: 1.5 }],
    ["no_such_field", { no_such_field: true }],
  ])("is refused by the name of its field: %s", (field, value) => {
    expect(Result.mapError(PolicyChange.decode(value), (invalid) => invalid.field)).toEqual(
      Result.fail(field),
    )
  })

  it.each([null, [], "page", 1])("%j is no change", (value) => {
    expect(Result.isFailure(PolicyChange.decode(value))).toBe(true)
  })
})

it("a whole policy is read back from JSON; what it lacks is its preset's", () => {
  const read = (policy: object) => PolicyChange.decodePolicy(JSON.parse(JSON.stringify(policy)))
  expect(read(Presets.posthog)).toEqual(Result.succeed(Presets.posthog))
  const { merged_version: _, ...lacking } = Presets.posthog
  expect(read(lacking)).toEqual(Result.succeed(Presets.posthog))
  const { preset: _preset, ...nobodys } = Presets.page
  expect(Result.isFailure(read(nobodys))).toBe(true)
})
