import { describe, expect, it } from "vitest"
import { advance, bar, events, megabytes, start } from "../src/output/ProgressBar.ts"

const second = 1000

const deriving = { name: "deriving", unit: events }

describe("a progress bar", () => {
  it("tells the share, where it is, its rate and the time left", () => {
    const pace = advance(start(0), 12_000, 2 * second)
    expect(bar(pace, 300_000, 2 * second, deriving)).toBe(
      "[........] 4 %  deriving 12,000/300,000 events  6,000/s  48 s left",
    )
  })

  it("counts only what is done here, once it has gone over what was there", () => {
    const before = advance(start(0, 200_000), 150_000, 5 * second)
    expect(bar(before, 300_000, 5 * second, deriving)).toBe(
      "[####....] 50 %  deriving 150,000/300,000 events  ?/s  ? s left",
    )
    const there = advance(before, 200_000, 10 * second)
    const on = advance(there, 210_000, 12 * second)
    expect(bar(on, 300_000, 12 * second, deriving)).toBe(
      "[#####...] 70 %  deriving 210,000/300,000 events  5,000/s  18 s left",
    )
  })

  it("counts from the start where the first step is past what was there already", () => {
    const pace = advance(start(0, 200_000), 202_000, 2 * second)
    expect(bar(pace, 300_000, 2 * second, deriving)).toContain("1,000/s  98 s left")
  })

  it("counts anew where what was there could not be gone on with", () => {
    const before = advance(start(0, 200_000), 150_000, 5 * second)
    const anew = advance(before, 1000, 6 * second)
    const on = advance(anew, 5000, 8 * second)
    expect(bar(on, 9000, 8 * second, deriving)).toContain("2,000/s  2 s left")
  })

  it("is full at the end, and nothing is left then", () => {
    for (const [done, all] of [
      [0, 0],
      [7, 7],
      [8, 7],
    ] as const) {
      const line = bar(advance(start(0), done, second), all, second, deriving)
      expect(line).toMatch(/^\[#{8}\] 100 % .* {2}0 s left$/)
    }
    const resumed = bar(advance(start(0, 7), 7, second), 7, second, deriving)
    expect(resumed).toContain("?/s  0 s left")
  })

  it("has no bar where nobody knows how much there is", () => {
    const reading = { name: "reading", unit: megabytes }
    const line = bar(advance(start(0), 3_400_000, second), undefined, second, reading)
    expect(line).toBe("reading 3.4 MB  3.4/s")
  })

  it("names a step that nobody can count", () => {
    expect(bar(start(0), undefined, second, { name: "making indexes" })).toBe("making indexes …")
  })

  it("takes one line of a terminal at ten million events", () => {
    const pace = advance(start(0), 9_999_999, 25 * second)
    expect(bar(pace, 10_000_000, 25 * second, deriving).length).toBeLessThan(80)
    expect(bar(advance(start(0), 3, second), 10_000_000, second, deriving).length).toBeLessThan(80)
  })
})
