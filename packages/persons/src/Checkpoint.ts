import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as DerivationVersion from "./DerivationVersion.ts"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"

/** The last position of a log whose changes to a project's persons are committed. */
export interface Checkpoint {
  readonly project: ProjectId
  /** The edition that it belongs to: the live one, or the one in the making beside it. */
  readonly edition: string
  readonly position: Position
  /** The right to commit: a projector that takes over raises the epoch, which fences the projector before it. */
  readonly epoch: number
  /**
   * 32 hexadecimal digits: equal states have equal hashes, and unequal states have unequal ones unless made to
   * collide.
   */
  readonly stateHash: string
  readonly policy: Policy.Policy
  /** The log that the position is in, and the uuid of the event there: another log is refused. */
  readonly logId: string
  readonly lastUuid: string | undefined
  readonly stage: Stage
  /** The version of the rules and tables of the edition (`DerivationVersion.version`). */
  readonly version: number
}

/** A checkpoint as it is stored: its policy is undefined where what is stored is none, which a rebuild mends. */
export interface StoredCheckpoint extends Omit<Checkpoint, "policy"> {
  readonly policy: Policy.Policy | undefined
}

/**
 * How far a rebuild has come with an edition. A loading edition lacks the rows that still hold, because a rebuild
 * writes those last: whoever resumes it folds the log from its beginning. A loaded edition has all rows, but may
 * lack indexes. A ready edition answers questions, and follows the log page by page.
 */
export type Stage = "loading" | "loaded" | "ready"

/** The checkpoint of a project before its first event is derived. */
export const initial = (project: ProjectId, logId: string): Checkpoint => ({
  project,
  edition: project,
  position: zero,
  epoch: 0,
  stateHash: StateHash.toText(StateHash.zero),
  policy: Presets.page,
  logId,
  lastUuid: undefined,
  stage: "ready",
  version: DerivationVersion.version,
})

/** The checkpoint after a page that was folded. */
export const checkpointAfter = (
  from: Checkpoint,
  { position, policy, stateHash }: Identity.Identity,
  page: ReadonlyArray<Recorded>,
): Checkpoint => ({
  ...from,
  position,
  lastUuid: page.at(-1)?.event.uuid ?? from.lastUuid,
  policy,
  stateHash: StateHash.toText(stateHash),
})
