import { describe, expect, it } from "@effect/vitest"
import * as PropertyUpdate from "../src/rules/properties/PropertyUpdate.ts"
import * as Presets from "../src/policy/Presets.ts"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as Seeds from "@onymous/simulator/random/Seeds"
import { logOf } from "./pastLines.ts"

const years = ["none", "2022", "today"] as const

const updated = { occasion: "updated", at: 0 } as const

describe.each(years)("with the property mapping %s", (property_mapping) => {
  it.each([true, false])("what is told to move nothing moves nothing, filtered %s", (filtered) => {
    const policy = { ...Presets.posthog, property_mapping, filtered_keys: filtered }
    let told = 0
    for (const seed of Seeds.seeds(20)) {
      let properties = {}
      for (const { event } of logOf(RandomEvents.make(seed, 200))) {
        if (event._tag !== "Captured") continue
        const isUnmoved = PropertyUpdate.isUnmoved(properties, event, policy)
        const after = PropertyUpdate.withOperations(properties, event, policy, updated)
        if (isUnmoved) expect(after, `seed ${seed}, ${JSON.stringify(event)}`).toBe(properties)
        if (isUnmoved) told += 1
        // The same event comes again: where it moves nothing, the properties stay the same object.
        const again = PropertyUpdate.withOperations(after, event, policy, updated)
        if (PropertyUpdate.isUnmoved(after, event, policy)) expect(again).toBe(after)
        properties = after
      }
    }
    expect(told).toBeGreaterThan(0)
  })
})
