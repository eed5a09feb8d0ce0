import { DistinctId } from "./DistinctId.ts"
import * as Json from "../encoding/Json.ts"
import type { PolicyChange } from "../policy/Policy.ts"
import type { Operation } from "./OperatorCommand.ts"
import type { Position } from "./Position.ts"

export type { Operation, Retracted } from "./OperatorCommand.ts"

/**
 * The facts of an event that identity needs beside its name and ids; the decoder reads them from
 * the payload once.
 */
export interface Facts {
  readonly set?: Json.JsonObject
  readonly setOnce?: Json.JsonObject
  readonly unset?: ReadonlyArray<string>
  /** The keys of an `$unset` that is an object (P26). */
  readonly unsetKeys?: ReadonlyArray<string>
  /** Event properties that a policy may copy to the person (P30). */
  readonly mapped?: Json.JsonObject
  /** True where `$anon_distinct_id` was falsy but present: policies differ on it (P1). */
  readonly emptySource?: true
  readonly ignoreSentAt?: true
  /** The client's uuid, where it is not valid. */
  readonly invalidUuid?: Json.Json
  /** The buffer's rules read these two (P45). */
  readonly isDevice?: true
  readonly lib?: string
  /** `$process_person_profile` as the client sent it (P39). */
  readonly personProfile?: Json.Json
}

/** An event from a client, without the properties that identity never reads. */
export interface Captured {
  readonly _tag: "Captured"
  readonly uuid: string
  readonly name: string
  readonly distinctId: DistinctId
  /** The id to merge into `distinctId` (SPEC §2). */
  readonly source?: DistinctId
  /** ISO 8601 as the client sent it; the policy's timestamp rules read it (P50). */
  readonly timestamp?: string
  readonly sentAt?: string
  /** Milliseconds before `recordedAt` (P51). */
  readonly offset?: number
  readonly facts: Facts
}

/** A change of the project's policy, from this position on. */
export interface PolicyChanged {
  readonly _tag: "PolicyChanged"
  readonly uuid: string
  readonly change: PolicyChange
}

/** Time passed, and a waiting event was due (SPEC §4). */
export interface Ticked {
  readonly _tag: "Ticked"
  readonly uuid: string
}

/** An immutable fact in the log. */
export type Event = Captured | PolicyChanged | Ticked | Operation

/** True for what an operator did: an act on persons, or a change of the rules. */
export const isAct = (event: Event): event is Operation | PolicyChanged =>
  event._tag !== "Captured" && event._tag !== "Ticked"

/** An event with its position and the log's time, in epoch milliseconds. */
export interface Recorded {
  readonly position: Position
  readonly recordedAt: number
  readonly event: Event
}

/** An event before the log gives it a position, with its whole payload as JSON text. */
export interface Incoming {
  readonly event: Event
  readonly payload: string
  /** A file's own time for the event, in epoch milliseconds; it replaces the log's clock. */
  readonly recordedAt?: number
}
