import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as DerivationVersion from "./DerivationVersion.ts"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"

/** How far a project's persons are, and of which log. */
export interface Checkpoint {
  readonly project: ProjectId
  /** Which derivation of the project it is: the live one, or one in the making beside it. */
  readonly edition: string
  readonly position: Position
  /** The right to commit: every projector that takes over raises it, and so fences the one before. */
  readonly epoch: number
  /** 32 hexadecimal digits: equal states have equal hashes, and others have others unless made to collide. */
  readonly stateHash: string
  readonly policy: Policy.Policy
  /** The log that it counts in, and the uuid of its event at `position`: another log is refused. */
  readonly logId: string
  readonly lastUuid: string | undefined
  readonly stage: Stage
  /** Which rules and rows it was made by (`DerivationVersion.version`). */
  readonly version: number
}

/**
 * How far an edition is in the making. While it is loading, rows are only added, and those that still
 * hold are not there yet: a rebuild that resumes it folds the log from its beginning. A loaded edition
 * has all rows, but maybe no index yet. A ready edition can be asked, and goes on page by page.
 */
export type Stage = "loading" | "loaded" | "ready"

/** The checkpoint of a project of which nothing is derived yet. */
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
