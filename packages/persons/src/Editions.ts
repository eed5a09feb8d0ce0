import { Context } from "effect"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Checkpoint, StoredCheckpoint } from "./Checkpoint.ts"
import type { Answer } from "./Persons.ts"

/** The derivations of a project: one is live, and another may be in the making beside it. */
export class Editions extends Context.Service<
  Editions,
  {
    /**
     * Takes over the edition in the making at its checkpoint, or begins one, whose stage is loading. The edition of a
     * long log lies apart, in partitions of its own, unless too many editions do already.
     */
    readonly claim: (
      project: ProjectId,
      logId: string,
      options?: { readonly isLong: boolean },
    ) => Answer<Checkpoint>
    /** The live edition, also where its policy cannot be read; undefined where the project has none. */
    readonly live: (project: ProjectId) => Answer<StoredCheckpoint | undefined>
    /** Takes over the live edition as `PersonStore.claim` does, also where its policy cannot be read; begins none. */
    readonly fence: (project: ProjectId, logId: string) => Answer<StoredCheckpoint | undefined>
    /** The edition in the making, if there is one, and a mark that changes while a rebuild works on it. */
    readonly making: (
      project: ProjectId,
    ) => Answer<{ readonly checkpoint: Checkpoint; readonly mark: string } | undefined>
    /** A heartbeat: shows other rebuilds that this one still works on the edition in the making. */
    readonly beat: (candidate: Checkpoint) => Answer<void>
    /** Makes a loaded edition ready: builds its indexes, so that it answers questions. */
    readonly seal: (candidate: Checkpoint) => Answer<Checkpoint>
    /**
     * Replaces the live edition by the one in the making in one step, and fences and retires the old one. Answers
     * `moved`, and changes nothing, where another projector has claimed the live edition since `live` was read;
     * `live` is undefined where the project has no live edition.
     */
    readonly publish: (
      candidate: Checkpoint,
      live: StoredCheckpoint | undefined,
    ) => Answer<"published" | "moved">
    /** Retires the edition in the making, unless another rebuild has taken it over; answers whether it did. */
    readonly discard: (candidate: Checkpoint) => Answer<boolean>
    /** Frees the room of retired editions that no query reads. */
    readonly sweep: Answer<void>
    /**
     * How a ready edition in the making differs from the live one at the last position that both have reached.
     * With `isWhole`, all rows of all tables are compared too, provided that both stand at one position.
     */
    readonly compare: (
      candidate: Checkpoint,
      options?: { readonly isWhole: boolean },
    ) => Answer<Comparison>
    /** All derived rows of a project, as text, in a fixed order: equal logs give equal texts. */
    readonly dump: (project: ProjectId) => Answer<string>
  }
>()("@onymous/persons/Editions") {}

/** At most this many differing persons are named. */
export const namedMax = 20

/**
 * The comparison of two editions: of all persons with their ids at the earlier of the two positions, and of their
 * state hashes. Where one edition is further, the last hash that both keep is compared.
 */
export interface Comparison {
  /** The position at which the editions were compared; 0 where there is no live edition. */
  readonly position: Position
  readonly isSame: boolean
  /** Persons that differ, at most `namedMax`. */
  readonly persons: ReadonlyArray<PersonId>
  /** Tables that differ; undefined where only persons and hashes were compared. */
  readonly tables?: ReadonlyArray<TableDifference>
}

/** A table whose rows differ between two editions. */
export interface TableDifference {
  readonly table: string
  /** The first position at which a row differs; for a table whose rows have no position, that of the comparison. */
  readonly position: Position
  /** The cause of the difference in words, where it is known. */
  readonly reason?: string
}

/** True where two checkpoints at one position agree in all but edition and epoch. */
const isCheckpointSame = (a: Checkpoint, b: StoredCheckpoint): boolean =>
  a.stateHash === b.stateHash &&
  a.logId === b.logId &&
  a.lastUuid === b.lastUuid &&
  a.version === b.version &&
  a.stage === b.stage &&
  JSON.stringify(a.policy) === JSON.stringify(b.policy)

/** How the checkpoints of two editions at one position differ. */
export const differencesOf = (
  candidate: Checkpoint,
  live: StoredCheckpoint,
): ReadonlyArray<TableDifference> =>
  isCheckpointSame(candidate, live) ? [] : [{ table: "checkpoints", position: live.position }]
