import { describe, expect, it } from "vitest"
import * as Agreement from "../src/Agreement.ts"
import type * as Model from "../src/model/Model.ts"
import * as RandomEvents from "../src/chance/RandomEvents.ts"
import * as Seeds from "../src/random/Seeds.ts"
import * as RandomLines from "../src/random/RandomLines.ts"

const LENGTH = 30

/** Only what an event says of ids and properties counts, and nothing waits. */
const PLAIN_RULES = {
  buffer_enabled: false,
  personless_events: false,
  events_without_updates: false,
  filtered_keys: false,
}

/** Events alone, a second apart, so that all of them are about who is who. */
const plainLines = (seed: number): ReadonlyArray<Model.Line> => [
  { policy: PLAIN_RULES },
  ...RandomEvents.make(seed, LENGTH).map((event, index) => ({
    ...event,
    received_at: new Date(RandomEvents.START + index * 1000).toISOString(),
  })),
]

describe("Replay and the model", () => {
  it.each(["page", "posthog"] as const)("agree on random lines under %s", (preset) => {
    for (const seed of Seeds.seeds(300)) {
      const lines = RandomLines.make(seed, LENGTH)
      const found = Agreement.differences(preset, lines)
      expect(found, `--preset ${preset} --seed ${seed} --logs 1 --length ${LENGTH}`).toEqual([])
    }
  })

  it.each(["page", "posthog"] as const)(
    "agree after each of some random lines under %s",
    (preset) => {
      for (const seed of Seeds.seeds(30)) {
        const found = Agreement.differencesAlong(preset, RandomLines.make(seed, LENGTH))
        expect(found, `ONYMOUS_SEED=${seed}`).toEqual([])
      }
    },
  )

  it.each(["page", "posthog"] as const)(
    "agree after each of many plain events under %s",
    (preset) => {
      for (const seed of Seeds.seeds(400, 0)) {
        expect(
          Agreement.differencesAlong(preset, plainLines(seed)),
          `ONYMOUS_SEED=${seed}`,
        ).toEqual([])
      }
    },
  )
})

describe("RandomLines", () => {
  it("gives the same lines for the same seed, and others for another", () => {
    expect(RandomLines.make(7, LENGTH)).toEqual(RandomLines.make(7, LENGTH))
    expect(RandomLines.make(7, LENGTH)).not.toEqual(RandomLines.make(8, LENGTH))
  })
})

describe("shrink", () => {
  it("drops every line that is not needed", () => {
    const lines = Array.from({ length: 30 }, (_, n) => ({ n }))
    const differs = (some: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
      [3, 17].every((needed) => some.some(({ n }) => n === needed))
    expect(Agreement.shrink(lines, differs)).toEqual([{ n: 3 }, { n: 17 }])
  })
})
