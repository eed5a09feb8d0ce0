import type { Stretch } from "../data/StripCounts.ts"

/** A zoomed strip shows so many positions at least. */
const lengthMin = 20

const lengthOf = ({ from, to }: Stretch): number => to - from + 1

/** A stretch of a length inside of the log, from a position or as near to it as the log reaches; the whole log is no stretch. */
const inside = (from: number, length: number, end: number): Stretch | undefined => {
  const size = Math.max(lengthMin, Math.round(length))
  if (size >= end) return undefined
  const first = Math.max(1, Math.min(end - size + 1, Math.round(from)))
  return { from: first, to: first + size - 1 }
}

/** The stretch around a place of what is shown: what is there stays there. */
export const zoomedAt = (
  shown: Stretch,
  share: number,
  end: number,
  factor: number,
): Stretch | undefined => {
  const length = Math.max(lengthMin, Math.min(end, Math.round(lengthOf(shown) * factor)))
  return inside(Math.floor(shown.from + share * (lengthOf(shown) - length)), length, end)
}

/** The stretch of the same length with a position in its middle. */
export const centred = (shown: Stretch, position: number, end: number): Stretch | undefined =>
  inside(position - lengthOf(shown) / 2, lengthOf(shown), end)

/** The stretch that begins so much further on, as a share of what is shown. */
export const shifted = (shown: Stretch, share: number, end: number): Stretch | undefined =>
  inside(shown.from + share * lengthOf(shown), lengthOf(shown), end)

/** Where two fingers are, as shares of the strip. */
export type Fingers = readonly [number, number]

/** Fingers nearer to each other than this share of the strip would make the log endless. */
const nearest = 0.01

/** The stretch that keeps under two fingers what was there when they came. */
export const pinched = (
  shown: Stretch,
  before: Fingers,
  now: Fingers,
  end: number,
): Stretch | undefined => {
  const apart = ([left, right]: Fingers) => Math.max(nearest, right - left)
  const length = lengthOf(shown) * (apart(before) / apart(now))
  const middle = ([left, right]: Fingers) => (left + right) / 2
  const held = shown.from + middle(before) * lengthOf(shown)
  const size = Math.max(lengthMin, Math.min(end, length))
  return inside(held - middle(now) * size, size, end)
}
