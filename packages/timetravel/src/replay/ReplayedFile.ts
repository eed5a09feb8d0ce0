import type { JsonObject } from "@onymous/identity/encoding/Json"

/** The result of folding a file: the stable form that `onymous replay --json` prints. */
export interface ReplayedFile {
  readonly position: number
  readonly state_hash: string
  readonly persons: ReadonlyArray<ReplayedPerson>
  readonly events: ReadonlyArray<ReplayedEvent>
  readonly warnings: ReadonlyArray<ReplayedWarning>
}

export interface ReplayedPerson {
  readonly project: string
  readonly person_id: string
  readonly distinct_ids: ReadonlyArray<string>
  readonly properties: JsonObject
  readonly is_identified: boolean
  readonly created_at: string
  readonly version: number
}

export interface ReplayedEvent {
  readonly line: number
  readonly uuid: string
  /** `duplicate`: an earlier line has the uuid, and this one changes nothing. */
  readonly status: "attributed" | "pending" | "dropped" | "personless" | "duplicate"
  readonly person_id: string | null
  readonly stamped_person_id: string | null
  readonly timestamp: string
  readonly buffered: boolean
}

export interface ReplayedWarning {
  readonly project: string
  readonly type: string
  readonly details: JsonObject
  readonly line: number
}
