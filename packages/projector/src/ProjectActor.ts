import { Duration, Effect, Schedule } from "effect"
import type { Behavior } from "@onymous/actor/Behavior"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLog, EventLogError } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as CatchUp from "./CatchUp.ts"
import { claim } from "./page/ProjectPage.ts"
import * as Takeover from "./Takeover.ts"

/** What a project's actor is told: that the log may have events, or that a rebuild has published an edition. */
export type Message = "woken" | "replaced"

/** An actor without work gives up its memory. */
const maxIdleTime = Duration.minutes(1)

/** A failure of the database is tried again, at first soon, for as long as it lasts. */
const restart = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("10 seconds")])

/** The actor that keeps a project's persons up to date: claims the project, and follows its log when woken. */
export const behavior = (
  catchUp: CatchUp.CatchUp,
): Behavior<Message, PersonsError | EventLogError, EventLog | ReadModel> => ({
  kind: "projector",
  // One of each message.
  mailboxCapacity: 2,
  maxIdleTime,
  restart,
  start: Effect.fnUntraced(function* (key) {
    const project = ProjectId(key)
    const services = yield* Effect.context<EventLog | ReadModel>()
    let checkpoint = yield* claim(project)
    return (message) =>
      Effect.gen(function* () {
        if (message === "replaced") checkpoint = yield* claimReplaced(checkpoint)
        checkpoint = yield* follow(catchUp, checkpoint)
      }).pipe(Effect.provideContext(services))
  }),
})

/** A busy actor has noticed the new edition and claimed it already: keep that claim. */
const claimReplaced = Effect.fnUntraced(function* (checkpoint: Checkpoint) {
  const live = yield* (yield* Persons).checkpoint(checkpoint.project)
  return live?.edition === checkpoint.edition ? checkpoint : yield* claim(checkpoint.project)
})

/** Follows the log to its end. An actor that another projector fences stands by, and then follows again. */
const follow = Effect.fnUntraced(function* (catchUp: CatchUp.CatchUp, claimed: Checkpoint) {
  const nextCommit = CatchUp.nextCommit(catchUp, claimed.project)
  let checkpoint = claimed
  const toTheEnd = Effect.gen(function* () {
    const begun = yield* Takeover.fromTheBeginning(checkpoint, nextCommit)
    // A commit wakes whoever waits, who wakes us again: we tell of one only where something moved.
    if (begun !== checkpoint) yield* CatchUp.committed(catchUp, begun)
    checkpoint = begun
    checkpoint = yield* CatchUp.toTheEnd(catchUp, begun)
    return true
  })
  // Our events may have come while another projector had the project, so that we follow once more.
  const standBy = Effect.gen(function* () {
    checkpoint = yield* Takeover.standBy(checkpoint, nextCommit)
    return false
  })
  const isAtTheEnd = Effect.catchReasons(toTheEnd, "PersonsError", {
    Fenced: () => standBy,
    BeingMade: () => standBy,
  })
  yield* Effect.repeat(isAtTheEnd, { until: (isIt) => isIt })
  return checkpoint
})
