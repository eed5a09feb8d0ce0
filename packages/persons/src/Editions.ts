import { Context } from "effect"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Checkpoint } from "./Checkpoint.ts"
import type { Answer } from "./Persons.ts"

/** The derivations of a project: one is live, and another may be in the making beside it. */
export class Editions extends Context.Service<
  Editions,
  {
    /**
     * Takes over the edition in the making where it stands, or begins one, which is loading. The edition of a
     * long log lies apart, in partitions of its own, while there is room for more of them.
     */
    readonly claim: (
      project: ProjectId,
      logId: string,
      options?: { readonly isLong: boolean },
    ) => Answer<Checkpoint>
    /** The edition in the making, if there is one, and a mark that changes while somebody makes it. */
    readonly making: (
      project: ProjectId,
    ) => Answer<{ readonly checkpoint: Checkpoint; readonly mark: string } | undefined>
    /** A heartbeat: another rebuild sees that the edition in the making is not left alone. */
    readonly beat: (candidate: Checkpoint) => Answer<void>
    /** Makes a loaded edition ready: it gets its indexes, and can be asked. */
    readonly seal: (candidate: Checkpoint) => Answer<Checkpoint>
    /**
     * Puts the edition in the making in the place of the live one in one step; the live one is fenced and
     * retired. Answers `moved`, and changes nothing, where the live one is no longer as `live` says; `undefined`
     * says that there is none.
     */
    readonly publish: (
      candidate: Checkpoint,
      live: Checkpoint | undefined,
    ) => Answer<"published" | "moved">
    /** Retires the edition in the making, unless another rebuild has taken it over; answers whether it did. */
    readonly discard: (candidate: Checkpoint) => Answer<boolean>
    /** Frees the room of retired editions that no query reads any more. */
    readonly sweep: Answer<void>
    /**
     * How the edition in the making, once it is ready, differs from the live one at the last position that both
     * have reached. With `isWhole`, all rows of all tables are compared, too, where both stand at one position.
     */
    readonly compare: (
      candidate: Checkpoint,
      options?: { readonly isWhole: boolean },
    ) => Answer<Comparison>
    /** Everything that is derived of a project, as text, in a fixed order: equal logs give equal texts. */
    readonly dump: (project: ProjectId) => Answer<string>
  }
>()("@onymous/persons/Editions") {}

/**
 * How one derivation of a project compares with another: by all persons with their ids, as of the earlier
 * position, and by their state hashes, or by the last one that both keep where one is further.
 */
export interface Comparison {
  /** Where they were compared; 0 where there is nothing to compare with. */
  readonly position: Position
  readonly isSame: boolean
  /** Persons that differ, at most 20. */
  readonly persons: ReadonlyArray<PersonId>
  /** Tables that differ, where all were compared; undefined where only persons and hashes were. */
  readonly tables?: ReadonlyArray<TableDifference>
}

/** A table that two derivations have filled differently. */
export interface TableDifference {
  readonly table: string
  /** The first position at which a row of theirs differs; where rows have none, that of the comparison. */
  readonly position: Position
  /** What is wrong there, in words, where more is known than that it differs. */
  readonly reason?: string
}

/** True where two checkpoints at one position say the same of their log, of the rules and of the way to write that come next. */
const isCheckpointSame = (a: Checkpoint, b: Checkpoint): boolean =>
  a.stateHash === b.stateHash &&
  a.logId === b.logId &&
  a.lastUuid === b.lastUuid &&
  a.version === b.version &&
  a.stage === b.stage &&
  JSON.stringify(a.policy) === JSON.stringify(b.policy)

/** How the checkpoints of two editions at one position differ. */
export const differencesOf = (
  candidate: Checkpoint,
  live: Checkpoint,
): ReadonlyArray<TableDifference> =>
  isCheckpointSame(candidate, live) ? [] : [{ table: "checkpoints", position: live.position }]
