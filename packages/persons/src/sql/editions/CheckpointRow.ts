import { Effect } from "effect"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Checkpoint, Stage, StoredCheckpoint } from "../../Checkpoint.ts"
import * as StoredPolicy from "./StoredPolicy.ts"

/** A row of the table of checkpoints. */
export interface CheckpointRow {
  readonly edition: number
  readonly position: number
  readonly epoch: number
  readonly state_hash: string
  readonly policy: string
  readonly log_id: string
  readonly last_uuid: string | null
  readonly stage: Stage
  readonly derivation_version: number
}

export const columns =
  "edition, position, epoch, state_hash, policy::text as policy, log_id, last_uuid, stage, derivation_version"

/** The checkpoint of a row, also where its policy is none. */
export const toStored = (project: ProjectId, row: CheckpointRow): StoredCheckpoint => ({
  project,
  edition: `${row.edition}`,
  position: Position(row.position),
  epoch: row.epoch,
  stateHash: row.state_hash,
  policy: StoredPolicy.find(row.policy),
  logId: row.log_id,
  lastUuid: row.last_uuid ?? undefined,
  stage: row.stage,
  version: row.derivation_version,
})

/** The checkpoint of a row; fails where its policy is none. */
export const toCheckpoint = (project: ProjectId, row: CheckpointRow) =>
  Effect.map(StoredPolicy.read(project, "checkpoints", row.policy), (policy): Checkpoint => ({
    ...toStored(project, row),
    policy,
  }))

/** The version of an edition that no rebuild goes on with. */
const ofNoRules = 0

/** The checkpoint of an edition in the making: one whose policy is none counts as one of other rules, to be discarded. */
export const toCandidate = (project: ProjectId, row: CheckpointRow): Checkpoint => {
  const stored = toStored(project, row)
  return stored.policy === undefined
    ? { ...stored, policy: Presets.page, version: ofNoRules }
    : { ...stored, policy: stored.policy }
}
