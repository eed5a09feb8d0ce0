import { Schema } from "effect"
import { InvalidInput } from "../errors/InvalidInput.ts"
import type * as Policy from "@onymous/identity/policy/Policy"
import { call, type CallOptions, fresh, type Fresh } from "./CallOptions.ts"
import type { CaptureInput } from "./CaptureInputs.ts"
import * as Shape from "./InputShape.ts"

/** A point of the past: a position, a time, the uuid of an event, or a text such as `2h ago`. */
export type Point = number | Date | string

/** Default: now. */
export interface PointOption extends Fresh {
  readonly at?: Point | undefined
}

/** How far a verification goes. */
export interface VerifyInput extends CallOptions {
  /** Passes over what differs before this point. */
  readonly from?: Point | undefined
  /** Compares every row of every table. */
  readonly deep?: boolean
}

/** Two points, the second now by default; with a distinct id, only its persons. */
export interface DiffInput extends Fresh {
  readonly from: Point
  readonly to?: Point
  readonly distinctId?: string
}

/** How far a question is that takes long over a long log. */
export interface QuestionProgress {
  readonly step: "checking seals" | "reading" | "folding" | "comparing"
  /** How many events or persons are done. */
  readonly done: number
  /** Of how many, where that is known. */
  readonly all: number | undefined
}

/** A question that takes long over a long log. */
export interface LongQuestion extends Fresh {
  /** Hears how far it is. */
  readonly onProgress?: (progress: QuestionProgress) => void
}

/**
 * An edit of the log for a what-if: leaves events out, inserts events right after `from`, and changes the
 * policy from there on; default: the end.
 */
export interface WhatIfInput extends LongQuestion {
  /** Uuids of the events to leave out. */
  readonly without?: ReadonlyArray<string>
  readonly insert?: ReadonlyArray<CaptureInput>
  readonly policy?: Policy.PolicyChange
  readonly from?: Point
}

/** The listener and the end of a bisection. */
export interface BisectOptions extends LongQuestion {}

/** Which person, and as of when. */
export interface PersonOptions extends PointOption {
  /** Leaves out the project's own people. */
  readonly filterInternal?: boolean
}

/** A page of a list, newest first, now or at a point. */
interface Paging extends PointOption {
  /** Default 100, at most 1000. */
  readonly limit?: number
  /** Only what comes before this position. */
  readonly before?: number
}

/** The filters and the page of a list of events. */
export interface EventsInput extends Paging {
  /** Only the events of this id's person. */
  readonly distinctId?: string
  /** Leaves out the project's own people. */
  readonly filterInternal?: boolean
}

/** The page of a list of waiting events. */
export interface WaitingInput extends Paging {
  /** Also those that have waited, and are released. */
  readonly released?: boolean
}

/** The page of a list of operators' acts. */
export interface OperationsInput extends Paging {}

/** The filters of a list of warnings. */
export interface WarningsInput extends PointOption {
  readonly type?: string
  /** A text to find in types and details, ignoring case. */
  readonly search?: string
  /** Only those that name this id. */
  readonly distinctId?: string
}

/** The filters and the page of a list of persons. */
export interface PersonsInput extends PointOption {
  /** A text to find in distinct ids and properties, ignoring case. */
  readonly search?: string
  /** Default 100, at most 1000. */
  readonly limit?: number
  /** The `next` of an earlier page. */
  readonly cursor?: string
  readonly filterInternal?: boolean
}

const optional = Schema.optional

const at = optional(Shape.point)
const pointed = { at, ...fresh }
const filterInternal = optional(Shape.truth)
const paging = { limit: optional(Shape.limit), before: optional(Shape.position), ...pointed }
const long = { onProgress: optional(Shape.listener), ...fresh }

const asOf = Shape.checkOf(pointed)
const person = Shape.checkOf({ ...pointed, filterInternal })
const events = Shape.checkOf({ distinctId: optional(Shape.text), ...paging, filterInternal })
const waiting = Shape.checkOf({ released: optional(Shape.truth), ...paging })
const operations = Shape.checkOf(paging)
const warnings = Shape.checkOf({
  type: optional(Shape.text),
  search: optional(Schema.String),
  distinctId: optional(Shape.text),
  ...pointed,
})
const bisect = Shape.checkOf(long)
const verifyShape = Shape.checkOf({
  from: optional(Shape.point),
  deep: optional(Shape.truth),
  ...call,
})
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
  ...fresh,
})
const whatIf = Shape.checkOf({
  without: optional(Shape.texts),
  insert: optional(Schema.Array(Schema.Unknown)),
  policy: optional(Shape.object),
  from: optional(Shape.point),
  ...long,
})
const persons = Shape.checkOf({
  search: optional(Schema.String),
  limit: optional(Shape.limit),
  cursor: optional(Shape.text),
  ...pointed,
  filterInternal,
})

/** The check of an argument that stands alone. */
const alone = (name: string, shape: typeof Shape.text | typeof Shape.point) => {
  const check = Shape.checkOf({ [name]: shape })
  return (value: unknown): void => check({ [name]: value })
}

/** The checks of questions; each throws `InvalidInput`. */
export const check = {
  asOf,
  verify,
  diff,
  whatIf,
  persons,
  person,
  events,
  waiting,
  operations,
  warnings,
  bisect,
  pair: Shape.checkOf({ a: Shape.text, b: Shape.text }),
  distinctId: alone("distinctId", Shape.text),
  key: alone("key", Shape.text),
  event: alone("event", Shape.point),
  eventUuid: alone("eventUuid", Shape.text),
  condition: alone("condition", Shape.text),
}

/** The text that names a point. */
export const textOf = (point: Point | undefined): string | undefined =>
  point === undefined ? undefined : point instanceof Date ? point.toISOString() : `${point}`
