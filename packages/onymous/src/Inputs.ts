import { Result } from "effect"
import { randomUUID } from "node:crypto"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Invalid from "@onymous/identity/encoding/Invalid"
import { clean, type Json, type JsonObject } from "@onymous/identity/encoding/Json"
import * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"

/** An event as a backend reports it. */
export interface CaptureInput {
  readonly distinctId: string
  readonly event: string
  /** May nest `$set`, `$set_once` and `$unset`. */
  readonly properties?: JsonObject
  readonly timestamp?: Date
  /** The same uuid twice is one event. Default: a new one. */
  readonly uuid?: string
}

/** Says that an anonymous id is a user, and what is known of the user. */
export interface IdentifyInput {
  readonly distinctId: string
  readonly anonymousId?: string
  readonly set?: JsonObject
  readonly setOnce?: JsonObject
}

/** Says that `alias` is another name of `distinctId`. */
export interface AliasInput {
  readonly distinctId: string
  readonly alias: string
}

/** Who does something to a person by hand, and why. */
export interface OperatorInput {
  /** Any distinct id of the person. */
  readonly distinctId: string
  readonly by?: string
  readonly reason?: string
}

/** Makes persons of a person's distinct ids: of all but the main one, or of `only` these. */
export interface SplitInput extends OperatorInput {
  readonly mainDistinctId?: string
  readonly only?: ReadonlyArray<string>
}

/** Merges the person of `source` into that of `distinctId`, whatever is identified. */
export interface MergeInput extends Required<OperatorInput> {
  readonly source: string
}

/** Sets properties of a person, or deletes some. */
export interface EditInput extends OperatorInput {
  readonly set?: JsonObject
  readonly unset?: ReadonlyArray<string>
}

/** Undoes an event: which one, who wants that, and why. */
export interface RetractInput {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
}

/** A past that was another: without some events, with others right after `from`; the end by default. */
export interface WhatIfInput {
  /** Uuids of events that never came. */
  readonly without?: ReadonlyArray<string>
  readonly insert?: ReadonlyArray<CaptureInput>
  readonly from?: Point
}

/** A point of the past: a position, a time, the uuid of an event, or a text such as `2h ago`. */
export type Point = number | Date | string

/** When: now by default. */
export interface PointOption {
  readonly at?: Point | undefined
}

/** Between which points, the second now by default, and for whom. */
export interface DiffInput {
  readonly from: Point
  readonly to?: Point
  readonly distinctId?: string
}

/** Which persons are asked for. */
export interface PersonsInput {
  /** Looked for in distinct ids and properties, ignoring case. */
  readonly search?: string
  readonly limit?: number
  /** The `next` of an earlier page. */
  readonly cursor?: string
  readonly filterInternal?: boolean
}

/** What was given is not what was expected: the field says where. Nothing was written. */
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

const toJson = (value: JsonObject | undefined, field: string): JsonObject => {
  try {
    return JSON.parse(JSON.stringify(value ?? {}))
  } catch (error) {
    // Circular objects and big integers are no JSON.
    throw new InvalidEvent({ field, expected: `JSON (${String(error)})` })
  }
}

/** The event that an input says; throws `InvalidEvent`. */
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

/** The operation that a command says; throws `InvalidEvent`. */
export const toOperation = (
  api: OperatorCommand.Name,
  { distinctId, by, reason }: OperatorInput,
  more: Readonly<Record<string, Json | undefined>> = {},
): Event.Operation => {
  const body = { api, distinct_id: distinctId, by, reason, ...more }
  return orThrow(
    OperatorCommand.decode(toJson(JSON.parse(JSON.stringify(body)), "input"), randomUUID()),
  )
}

/** The retraction that was asked for; throws `InvalidEvent`. */
export const toRetraction = ({ eventUuid, by, reason }: RetractInput): OperatorCommand.Retraction =>
  orThrow(OperatorCommand.decodeRetraction(toJson({ event_uuid: eventUuid, by, reason }, "input")))

/** The change of policy that was given; throws `InvalidEvent`. */
export const toPolicyChange = (change: Policy.PolicyChange): Policy.PolicyChange =>
  orThrow(PolicyChange.decode(clean(toJson({ ...change }, "policy"))))
