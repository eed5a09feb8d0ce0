import { describe, expect, it } from "vitest"
import { bar, advance, start } from "../src/output/ProgressBar.ts"

const second = 1000

describe("a progress bar", () => {
  it("tells the share, where it is, its rate and the time left", () => {
    const pace = advance(start(0), 12_000, 2 * second)
    expect(bar(pace, 300_000, 2 * second, "position")).toBe(
      "[............] 4 %  position 12,000 of 300,000  6,000/s  48 s left",
    )
  })

  it("counts only what is done here, once it has gone over what was there", () => {
    const before = advance(start(0, 200_000), 150_000, 5 * second)
    expect(bar(before, 300_000, 5 * second, "position")).toBe(
      "[######......] 50 %  position 150,000 of 300,000  ?/s  ? s left",
    )
    const there = advance(before, 200_000, 10 * second)
    const on = advance(there, 210_000, 12 * second)
    expect(bar(on, 300_000, 12 * second, "position")).toBe(
      "[########....] 70 %  position 210,000 of 300,000  5,000/s  18 s left",
    )
  })

  it("counts from the start where the first step is past what was there already", () => {
    const pace = advance(start(0, 200_000), 202_000, 2 * second)
    expect(bar(pace, 300_000, 2 * second, "position")).toContain("1,000/s  98 s left")
  })

  it("counts anew where what was there could not be gone on with", () => {
    const before = advance(start(0, 200_000), 150_000, 5 * second)
    const anew = advance(before, 1000, 6 * second)
    const on = advance(anew, 5000, 8 * second)
    expect(bar(on, 9000, 8 * second, "position")).toContain("2,000/s  2 s left")
  })

  it("is full at the end, and nothing is left then", () => {
    for (const [done, all] of [
      [0, 0],
      [7, 7],
      [8, 7],
    ] as const) {
      const line = bar(advance(start(0), done, second), all, second, "position")
      expect(line).toMatch(/^\[#{12}\] 100 % .* {2}0 s left$/)
    }
    const resumed = bar(advance(start(0, 7), 7, second), 7, second, "position")
    expect(resumed).toContain("?/s  0 s left")
  })

  it("has no bar where nobody knows how much there is", () => {
    expect(bar(advance(start(0), 3000, second), undefined, second, "byte")).toBe(
      "byte 3,000  3,000/s",
    )
  })

  it("takes one line of a terminal at ten million events", () => {
    const pace = advance(start(0), 9_999_999, 25 * second)
    expect(bar(pace, 10_000_000, 25 * second, "position").length).toBeLessThan(80)
    expect(bar(advance(start(0), 3, second), 10_000_000, second, "position").length).toBeLessThan(
      80,
    )
  })
})
