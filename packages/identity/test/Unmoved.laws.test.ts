import { describe, expect, it } from "@effect/vitest"
import * as Person from "../src/state/Person.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as RandomEvents from "@onymous/simulator/random/RandomEvents"
import { logOf } from "./pastLines.ts"

const years = ["none", "2022", "today"] as const

describe.each(years)("with the property mapping %s", (property_mapping) => {
  it.each([true, false])("what is told to move nothing moves nothing, filtered %s", (filtered) => {
    const policy = { ...Policy.posthog, property_mapping, filtered_keys: filtered }
    let told = 0
    for (let seed = 1; seed <= 20; seed++) {
      let properties = {}
      for (const { event } of logOf(RandomEvents.make(seed, 200))) {
        if (event._tag !== "Captured") continue
        const isUnmoved = Person.isUnmoved(properties, event, policy)
        const after = Person.withOperations(properties, event, policy)
        if (isUnmoved) expect(after, `seed ${seed}, ${JSON.stringify(event)}`).toBe(properties)
        if (isUnmoved) told += 1
        // What an event has just set, it sets to nothing new when it comes again.
        const again = Person.withOperations(after, event, policy)
        if (Person.isUnmoved(after, event, policy)) expect(again).toBe(after)
        properties = after
      }
    }
    expect(told).toBeGreaterThan(0)
  })
})
