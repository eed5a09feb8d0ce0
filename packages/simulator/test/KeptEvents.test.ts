import { expect, it } from "vitest"
import * as KeptEvents from "../src/KeptEvents.ts"
import * as Seeds from "../src/random/Seeds.ts"

it.each(["page", "posthog"] as const)(
  "under the %s preset, whatever a file's line takes is exported as it came",
  (preset) => {
    for (const seed of Seeds.seeds(200)) {
      expect(KeptEvents.differences(preset, seed, 20), `ONYMOUS_SEED=${seed}`).toEqual([])
    }
  },
)
