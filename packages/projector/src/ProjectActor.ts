import { Duration, Effect, Schedule } from "effect"
import type { Behavior } from "@onymous/actor/Behavior"
import { UsesReserved } from "@onymous/database/sql/ReservedConnection"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLog, EventLogError } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as CatchUp from "./CatchUp.ts"
import { claim } from "./page/ProjectPage.ts"
import * as ProjectorMetrics from "./ProjectorMetrics.ts"
import * as Standstill from "./Standstill.ts"
import { longLogMin } from "./rebuild/Rebuild.ts"
import * as Takeover from "./Takeover.ts"

/**
 * A message to a project's actor: the log may have new events, or a rebuild has published an
 * edition.
 */
export type Message = "woken" | "replaced"

/** After this time without a message the actor frees its memory. */
const maxIdleTime = Duration.minutes(1)

/** Retries failures of the database, at first quickly, without an end. */
const restart = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("10 seconds")])

/**
 * Keeps the persons of a project up to date: claims the project, and follows its log whenever a message wakes it. A
 * defect or a log that was wound back stops this project alone, until it is mended.
 */
export const behavior = (
  catchUp: CatchUp.CatchUp,
): Behavior<Message, PersonsError | EventLogError, EventLog | ReadModel> => ({
  kind: "projector",
  // Room for one message of each kind.
  mailboxCapacity: 2,
  maxIdleTime,
  restart,
  start: (key) =>
    Effect.map(Effect.context<EventLog | ReadModel>(), (services) => {
      const project = ProjectId(key)
      const nextCommit = CatchUp.nextCommit(catchUp, project)
      const limit = new CatchUp.PageLimit()
      let claimed: Checkpoint | undefined
      const followOn = Effect.fnUntraced(function* (message: Message) {
        if (claimed === undefined) claimed = yield* claim(project)
        else if (message === "replaced") claimed = yield* claimReplaced(claimed)
        yield* CatchUp.own(catchUp, claimed)
        claimed = yield* follow(catchUp, claimed, limit)
        yield* Standstill.end(catchUp.standstills, project)
      })
      return Effect.fnUntraced(
        function* (message) {
          if (yield* Standstill.lasts(catchUp.standstills, project, nextCommit)) return
          yield* Effect.catchCauseIf(followOn(message), Standstill.isCausedBy, (cause) => {
            claimed = undefined
            return Standstill.begin(catchUp.standstills, catchUp.problems, project, cause)
          })
        },
        Effect.tapError(() => ProjectorMetrics.restarted(project)),
        Effect.provideContext(services),
        // The persons follow the log however many slow questions are asked.
        Effect.provideService(UsesReserved, true),
      )
    }),
})

/** A busy actor has noticed the new edition and claimed it already: keep that claim. */
const claimReplaced = Effect.fnUntraced(function* (checkpoint: Checkpoint) {
  const live = yield* (yield* Persons).checkpoint(checkpoint.project)
  return live?.edition === checkpoint.edition ? checkpoint : yield* claim(checkpoint.project)
})

/**
 * Follows the log to its head. When another projector fences this actor, it stands by, and then
 * follows again.
 */
const follow = Effect.fnUntraced(function* (
  catchUp: CatchUp.CatchUp,
  claimed: Checkpoint,
  limit: CatchUp.PageLimit,
) {
  const nextCommit = CatchUp.nextCommit(catchUp, claimed.project)
  let checkpoint = claimed
  const toTheEnd = Effect.gen(function* () {
    const begun = yield* Takeover.deriveLong(checkpoint, nextCommit)
    // Announces a checkpoint only where it has moved, because a reader that hears of one wakes this
    // actor again.
    if (begun !== checkpoint) yield* CatchUp.announceCommit(catchUp, begun)
    checkpoint = begun
    const followed = yield* CatchUp.follow(catchUp, begun, longLogMin, limit)
    checkpoint = followed.checkpoint
    return followed.isAtTheEnd
  })
  // Events may have arrived while another projector owned the project, so the actor follows once
  // more.
  const standBy = Effect.gen(function* () {
    yield* ProjectorMetrics.owning(checkpoint.project, false)
    const { edition, epoch } = checkpoint
    checkpoint = yield* Takeover.standBy(checkpoint, nextCommit)
    const isLeft = checkpoint.edition === edition && checkpoint.epoch === epoch
    if (!isLeft) yield* CatchUp.own(catchUp, checkpoint)
    return false
  })
  const isAtTheEnd = Effect.catchReasons(toTheEnd, "PersonsError", {
    Fenced: () => standBy,
    BeingMade: () => standBy,
    Ended: () => standBy,
  })
  yield* Effect.repeat(isAtTheEnd, { until: (isIt) => isIt })
  return checkpoint
})
