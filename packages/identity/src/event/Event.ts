import { DistinctId } from "./DistinctId.ts"
import * as Json from "../encoding/Json.ts"
import type { PolicyChange } from "../policy/Policy.ts"
import type { Operation } from "./OperatorCommand.ts"
import type { Position } from "./Position.ts"

export type { Operation, Retracted } from "./OperatorCommand.ts"

/** What identity needs of an event beside its name and ids: read off the payload once, at the door. */
export interface Facts {
  readonly set?: Json.JsonObject
  readonly setOnce?: Json.JsonObject
  readonly unset?: ReadonlyArray<string>
  /** The keys of an `$unset` that is an object (P26). */
  readonly unsetKeys?: ReadonlyArray<string>
  /** Event properties that a policy may copy to the person (P30). */
  readonly mapped?: Json.JsonObject
  /** `$anon_distinct_id` was given, but falsy: policies differ on it (P1). */
  readonly emptySource?: true
  readonly ignoreSentAt?: true
  /** The uuid as given, where it is not one. */
  readonly invalidUuid?: Json.Json
  /** Read by the buffer's rules (P45). */
  readonly isDevice?: true
  readonly lib?: string
  /** `$process_person_profile` as given (P39). */
  readonly personProfile?: Json.Json
}

/** An event as a client reported it, without the properties that identity never looks at. */
export interface Captured {
  readonly _tag: "Captured"
  readonly uuid: string
  readonly name: string
  readonly distinctId: DistinctId
  /** The id to be merged into `distinctId` (SPEC §2). */
  readonly source?: DistinctId
  /** ISO 8601 as given; read by the policy's timestamp rules (P50). */
  readonly timestamp?: string
  readonly sentAt?: string
  /** Milliseconds before `recordedAt` (P51). */
  readonly offset?: number
  readonly facts: Facts
}

/** The project's rules were changed, from here on. */
export interface PolicyChanged {
  readonly _tag: "PolicyChanged"
  readonly uuid: string
  readonly change: PolicyChange
}

/** Time passed, and something was due (SPEC §4). */
export interface Ticked {
  readonly _tag: "Ticked"
  readonly uuid: string
}

/** An immutable fact. */
export type Event = Captured | PolicyChanged | Ticked | Operation

/** An event with its place in the log and the time, in epoch milliseconds, at which the log took it. */
export interface Recorded {
  readonly position: Position
  readonly recordedAt: number
  readonly event: Event
}

/** An event on its way to the log, with its whole payload as JSON text. */
export interface Incoming {
  readonly event: Event
  readonly payload: string
  /** Stands for the log's clock, in epoch milliseconds, where a file tells the time. */
  readonly recordedAt?: number
}
