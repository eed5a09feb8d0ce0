import type { Brand } from "effect"

/** A place in a project's log: 1, 2, 3 … without gaps, in commit order. */
export type Position = number & Brand.Brand<"Position">

/** Brands a safe integer as a position. */
export const Position = (value: number): Position => value as Position

/** The position before the first event. */
export const zero: Position = Position(0)
