import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as StripZoom from "../src/deck/StripZoom.ts"

const end = 100_000

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Window = Schema.Struct({
  from: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 90_000 })),
  length: Schema.Int.check(Schema.isBetween({ minimum: 20, maximum: 10_000 })),
})

const stretchOf = ({ from, length }: typeof Window.Type) => ({ from, to: from + length - 1 })

const lengthOf = ({ from, to }: { readonly from: number; readonly to: number }) => to - from + 1

const whole = { from: 1, to: end }

describe("the strip's zoom", () => {
  it.prop(
    "keeps what is under the pointer there, as far as the log reaches",
    [Window, Share],
    ([window, share]) => {
      const shown = stretchOf(window)
      const near = StripZoom.zoomedAt(shown, share, end, 0.5) ?? whole
      expect(lengthOf(near)).toBe(Math.max(20, Math.round(window.length * 0.5)))
      expect(near.from).toBeGreaterThanOrEqual(shown.from)
      expect(near.to).toBeLessThanOrEqual(shown.to)
      const before = shown.from + share * lengthOf(shown)
      const after = near.from + share * lengthOf(near)
      expect(Math.abs(after - before)).toBeLessThanOrEqual(1)
    },
  )

  it.prop(
    "never leaves the log, wherever it is shifted",
    [Window, Schema.Finite],
    ([window, by]) => {
      const shown = stretchOf(window)
      for (const next of [
        StripZoom.shifted(shown, by, end),
        StripZoom.centred(shown, Math.round(by * end), end),
      ]) {
        expect(next).toBeDefined()
        if (next === undefined) return
        expect(next.from).toBeGreaterThanOrEqual(1)
        expect(next.to).toBeLessThanOrEqual(end)
        expect(lengthOf(next)).toBe(window.length)
      }
    },
  )

  it("is the whole log again once it is zoomed out far enough", () => {
    expect(StripZoom.zoomedAt({ from: 30_000, to: 89_999 }, 0.5, end, 2)).toBeUndefined()
    expect(StripZoom.zoomedAt({ from: 1, to: 10 }, 0.5, 10, 0.5)).toBeUndefined()
  })

  it("keeps under two fingers what was there when they came", () => {
    const shown = { from: 10_001, to: 20_000 }
    const wider = StripZoom.pinched(shown, [0.4, 0.6], [0.3, 0.7], end)
    expect(wider).toEqual({ from: 12_501, to: 17_500 })
    const aside = StripZoom.pinched(shown, [0.4, 0.6], [0.5, 0.7], end)
    expect(aside).toEqual({ from: 9001, to: 19_000 })
    expect(StripZoom.pinched(shown, [0, 1], [0.5, 0.5], end)).toBeUndefined()
  })
})
