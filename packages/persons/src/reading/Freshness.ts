import { Context, Data, type Effect } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLogError } from "@onymous/log/EventLog"
import type { Checkpoint } from "../Checkpoint.ts"
import type { PersonsError } from "../PersonsError.ts"

/** The persons did not reach a position within the time limit; they are at `checkpoint`. */
export class NotReached extends Data.TaggedError("NotReached")<{
  readonly project: ProjectId
  readonly position: Position
  readonly checkpoint: Position
}> {
  override get message(): string {
    return `The persons are at position ${this.checkpoint} and have not reached ${this.position} in time.`
  }
}

/** Waits for the persons before a question is answered, because they follow the log with a delay. */
export class Freshness extends Context.Service<
  Freshness,
  {
    /**
     * Waits until the persons of a project are at or past a position of its log; fails with `NotReached` after a
     * time limit.
     */
    readonly reach: (
      project: ProjectId,
      position: Position,
    ) => Effect.Effect<Checkpoint, NotReached | PersonsError | EventLogError>
  }
>()("@onymous/persons/reading/Freshness") {}
