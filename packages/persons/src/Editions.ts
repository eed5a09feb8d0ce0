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
    /** How the edition in the making, once it is ready, differs from the live one at the last position that both have reached. */
    readonly compare: (candidate: Checkpoint) => Answer<Comparison>
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
}
