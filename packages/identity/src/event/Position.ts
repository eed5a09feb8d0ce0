import type { Brand } from "effect"

/** A place in a project's log: 1, 2, 3 … without gaps, in commit order. */
export type Position = number & Brand.Brand<"Position">

/** Names a safe integer as a position. */
export const Position = (value: number): Position => value as Position

/** Before the first event. */
export const zero: Position = Position(0)
