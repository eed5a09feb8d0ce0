import type { Event } from "@onymous/identity/event/Event"
import type { PolicyChange } from "@onymous/identity/policy/Policy"

/**
 * A point in a project's history as text: a position, an ISO time, an event's uuid, or `2h ago`.
 */
export type PointText = string

interface AsOf {
  /** Default: now. */
  readonly at?: PointText | undefined
}

/** Two distinct ids at a point. */
export interface PairQuestion extends AsOf {
  readonly a: string
  readonly b: string
}

/** A distinct id at a point. */
export interface IdQuestion extends AsOf {
  readonly distinctId: string
}

/** A property of the person of a distinct id, at a point. */
export interface PropertyQuestion extends IdQuestion {
  readonly property: string
}

/** A page of acts: at most `limit`, before a position. */
export interface ActsQuestion extends AsOf {
  readonly before?: number | undefined
  readonly limit: number
}

/** Two points; with a distinct id, only its persons. */
export interface DiffQuestion {
  readonly from: PointText
  readonly to?: PointText | undefined
  readonly distinctId?: string | undefined
}

/**
 * An edit of the log. Events are inserted right after `from`; a policy change holds from `from` on, until a later event
 * of the log changes the same fields.
 */
export interface WhatIfQuestion {
  /** Uuids of the events to leave out. */
  readonly without?: ReadonlyArray<string> | undefined
  /** Events to insert. */
  readonly insert?: ReadonlyArray<{ readonly event: Event; readonly recordedAt?: number }>
  readonly policy?: PolicyChange | undefined
  readonly from?: PointText | undefined
}
