import type { Brand } from "effect"

/** A place in a project's log: 1, 2, 3 … without gaps, in commit order. */
export type Position = number & Brand.Brand<"Position">

/** Brands a safe integer as a position. */
export const Position = (value: number): Position => value as Position

/** The position before the first event. */
export const zero: Position = Position(0)

/** How many of some things, in the order of their positions, lie at a position or before it. */
export const countUpTo = (
  items: ReadonlyArray<{ readonly position: number }>,
  position: number,
): number => {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((items[middle]?.position ?? 0) <= position) low = middle + 1
    else high = middle
  }
  return low
}
