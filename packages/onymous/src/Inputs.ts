import { Result } from "effect"
import { randomUUID } from "node:crypto"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Invalid from "@onymous/identity/encoding/Invalid"
import { clean, isObject, type Json, type JsonObject } from "@onymous/identity/encoding/Json"
import * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

/** An event as a backend reports it. */
export interface CaptureInput {
  readonly distinctId: string
  readonly event: string
  /** May nest `$set`, `$set_once` and `$unset`. */
  readonly properties?: JsonObject
  readonly timestamp?: Date
  /** Two events with one uuid are one event. Default: a new uuid. */
  readonly uuid?: string
}

/** Identifies an anonymous id as a user, and sets the user's properties. */
export interface IdentifyInput {
  readonly distinctId: string
  readonly anonymousId?: string
  readonly set?: JsonObject
  readonly setOnce?: JsonObject
}

/** Makes `alias` another name of `distinctId`. */
export interface AliasInput {
  readonly distinctId: string
  readonly alias: string
}

/** The person that an operator acts on, the operator and the reason. */
export interface OperatorInput {
  /** Any distinct id of the person. */
  readonly distinctId: string
  readonly by?: string
  readonly reason?: string
}

/** Moves a person's distinct ids to persons of their own: all but the main one, or `only` these. */
export interface SplitInput extends OperatorInput {
  readonly mainDistinctId?: string
  readonly only?: ReadonlyArray<string>
}

/** Merges the person of `source` into that of `distinctId`, even if both are identified. */
export interface MergeInput extends Required<OperatorInput> {
  readonly source: string
}

/** Sets properties of a person, or deletes some. */
export interface EditInput extends OperatorInput {
  readonly set?: JsonObject
  readonly unset?: ReadonlyArray<string>
}

/** The event to undo, the operator and the reason. */
export interface RetractInput {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
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

/** A point of the past: a position, a time, the uuid of an event, or a text such as `2h ago`. */
export type Point = number | Date | string

/** How far a verification goes. */
export interface VerifyInput {
  /** Passes over what differs before this point. */
  readonly from?: PointOption["at"]
  /** Compares every row of every table. */
  readonly deep?: boolean
}

/** Default: now. */
export interface PointOption {
  readonly at?: Point | undefined
}

/** Two points, the second now by default; with a distinct id, only its persons. */
export interface DiffInput {
  readonly from: Point
  readonly to?: Point
  readonly distinctId?: string
}

/** The filters and the page of a list of persons. */
export interface PersonsInput {
  /** A text to find in distinct ids and properties, ignoring case. */
  readonly search?: string
  readonly limit?: number
  /** The `next` of an earlier page. */
  readonly cursor?: string
  readonly filterInternal?: boolean
}

/** An input has another form than expected; `field` says where. Nothing was written. */
export class InvalidEvent extends Error {
  readonly field: string
  readonly expected: string

  constructor({ field, expected }: Invalid.Invalid) {
    super(`${field}: expected ${expected}`)
    this.name = "InvalidEvent"
    this.field = field
    this.expected = expected
  }
}

const orThrow = <A>(read: Result.Result<A, Invalid.Invalid>): A => {
  if (Result.isFailure(read)) throw new InvalidEvent(read.failure)
  return read.success
}

const toJson = (value: unknown, field: string): JsonObject => {
  let json: Json
  try {
    json = ExactJson.parse(JSON.stringify(value ?? {}))
  } catch (error) {
    // Circular objects and big integers have no JSON.
    throw new InvalidEvent({ field, expected: `JSON (${String(error)})` })
  }
  if (isObject(json)) return json
  throw new InvalidEvent({ field, expected: "a JSON object" })
}

/** The event of an input; throws `InvalidEvent`. */
export const toEvent = (input: CaptureInput): Event.Incoming => {
  const timestamp = input.timestamp ?? new Date()
  if (!(timestamp instanceof Date) || Number.isNaN(timestamp.getTime())) {
    throw new InvalidEvent({ field: "timestamp", expected: "a date" })
  }
  const decoded = EventDecoder.decode(
    {
      event: input.event,
      distinct_id: input.distinctId,
      properties: toJson(input.properties, "properties"),
      timestamp: timestamp.toISOString(),
      ...(input.uuid !== undefined && { uuid: input.uuid }),
    },
    randomUUID,
  )
  const incoming = orThrow(decoded)
  if (incoming.event._tag === "Captured" && incoming.event.facts.invalidUuid !== undefined) {
    throw new InvalidEvent({ field: "uuid", expected: "a UUID" })
  }
  return incoming
}

/** The operator's act of an input; throws `InvalidEvent`. */
export const toOperation = (
  api: OperatorCommand.Name,
  { distinctId, by, reason }: OperatorInput,
  more: Readonly<Record<string, Json | undefined>> = {},
): Event.Operation => {
  const body = { api, distinct_id: distinctId, by, reason, ...more }
  return orThrow(OperatorCommand.decode(toJson(body, "input"), randomUUID()))
}

/** The retraction of an input; throws `InvalidEvent`. */
export const toRetraction = ({ eventUuid, by, reason }: RetractInput): OperatorCommand.Retraction =>
  orThrow(OperatorCommand.decodeRetraction(toJson({ event_uuid: eventUuid, by, reason }, "input")))

/** The policy change of an input; throws `InvalidEvent`. */
export const toPolicyChange = (change: Policy.PolicyChange): Policy.PolicyChange =>
  orThrow(PolicyChange.decode(clean(toJson({ ...change }, "policy"))))
