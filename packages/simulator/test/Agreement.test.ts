import { describe, expect, it } from "vitest"
import * as Agreement from "../src/Agreement.ts"
import * as RandomLines from "../src/random/RandomLines.ts"

const LOGS = 300
const LENGTH = 30

describe("Replay and the model", () => {
  it.each(["page", "posthog"] as const)("agree on random lines under %s", (preset) => {
    for (let seed = 1; seed <= LOGS; seed++) {
      const lines = RandomLines.make(seed, LENGTH)
      const found = Agreement.differences(preset, lines)
      expect(found, `--preset ${preset} --seed ${seed} --logs 1 --length ${LENGTH}`).toEqual([])
    }
  })
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
