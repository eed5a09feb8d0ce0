import { Schema } from "effect"
import { InvalidInput } from "../errors/InvalidInput.ts"
import type { CaptureInput } from "./CaptureInputs.ts"
import * as Shape from "./InputShape.ts"

/** A point of the past: a position, a time, the uuid of an event, or a text such as `2h ago`. */
export type Point = number | Date | string

/** Default: now. */
export interface PointOption {
  readonly at?: Point | undefined
}

/** How far a verification goes. */
export interface VerifyInput {
  /** Passes over what differs before this point. */
  readonly from?: Point | undefined
  /** Compares every row of every table. */
  readonly deep?: boolean
}

/** Two points, the second now by default; with a distinct id, only its persons. */
export interface DiffInput {
  readonly from: Point
  readonly to?: Point
  readonly distinctId?: string
}

/**
 * An edit of the log for a what-if: leaves events out, and inserts events right after `from`;
 * default: the end.
 */
export interface WhatIfInput {
  /** Uuids of the events to leave out. */
  readonly without?: ReadonlyArray<string>
  readonly insert?: ReadonlyArray<CaptureInput>
  readonly from?: Point
}

/** The filters and the page of a list of persons. */
export interface PersonsInput {
  /** A text to find in distinct ids and properties, ignoring case. */
  readonly search?: string
  /** Default 100, at most 1000. */
  readonly limit?: number
  /** The `next` of an earlier page. */
  readonly cursor?: string
  readonly filterInternal?: boolean
}

const { optional } = Schema

const asOf = Shape.checkOf({ at: optional(Shape.point) })
const verifyShape = Shape.checkOf({ from: optional(Shape.point), deep: optional(Shape.truth) })
const verify = (input: VerifyInput): void => {
  verifyShape(input)
  if (input.deep === true && input.from !== undefined) {
    throw new InvalidInput({ field: "from", expected: "none beside `deep`" })
  }
}
const diff = Shape.checkOf({
  from: Shape.point,
  to: optional(Shape.point),
  distinctId: optional(Shape.text),
})
const whatIf = Shape.checkOf({
  without: optional(Shape.texts),
  insert: optional(Schema.Array(Schema.Unknown)),
  from: optional(Shape.point),
})
const persons = Shape.checkOf({
  search: optional(Schema.String),
  limit: optional(Shape.limit),
  cursor: optional(Shape.text),
  filterInternal: optional(Shape.truth),
})
const named = Shape.checkOf({ distinctId: Shape.text })
const limited = Shape.checkOf({ limit: Shape.limit })

/** The checks of questions; each throws `InvalidInput`. */
export const check = {
  asOf,
  verify,
  diff,
  whatIf,
  persons,
  distinctId: (distinctId: string): void => named({ distinctId }),
  limit: (limit: number): void => limited({ limit }),
}

/** The text that names a point. */
export const textOf = (point: Point | undefined): string | undefined =>
  point === undefined ? undefined : point instanceof Date ? point.toISOString() : `${point}`
