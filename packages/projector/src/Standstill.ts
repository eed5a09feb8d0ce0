import { Cause, Clock, Duration, Effect, Option, PubSub } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLogError } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { PersonsError } from "@onymous/persons/PersonsError"
import * as ProjectorMetrics from "./ProjectorMetrics.ts"

/** A project on which its projector does not go on, because its log or a defect would make it wrong. */
export interface Standstill {
  /** What readers are told, and the operator. */
  readonly error: PersonsError
  /** The live edition of then: a rebuild that mends the project publishes another one. */
  readonly edition: string | undefined
  /** When the projector has tried last, in epoch milliseconds. */
  readonly triedAt: number
}

/** A project that stands still from now on, and why. */
export interface Problem {
  readonly project: ProjectId
  readonly error: PersonsError
}

/** The projects of this process that stand still; all others go on. */
export type Standstills = Map<ProjectId, Standstill>

/** How long the projector waits before it tries again, because somebody may have mended the log. */
const retryTime = Duration.toMillis("10 seconds")

/** How often the projector looks for another edition. */
const lookInterval = Duration.seconds(1)

/** True for a defect, and for a failure that comes again until something is mended. */
export const isCausedBy = (cause: Cause.Cause<EventLogError | PersonsError>): boolean =>
  !Cause.hasInterrupts(cause) &&
  (Cause.hasDies(cause) ||
    Option.exists(Cause.findErrorOption(cause), ({ isRetryable }) => !isRetryable))

const defect = new Error(
  "a defect of Onymous or of what is stored, which the log of this process tells in full. " +
    '"onymous verify" compares what is stored with the log, "onymous rebuild" derives it anew.',
)

/** The project stands still from now on; the operator is told why, once, and whoever hears of problems. */
export const begin = Effect.fnUntraced(function* (
  standstills: Standstills,
  problems: PubSub.PubSub<Problem>,
  project: ProjectId,
  cause: Cause.Cause<EventLogError | PersonsError>,
) {
  const isDefect = Cause.hasDies(cause)
  const why = isDefect ? defect : Cause.squash(cause)
  const error = new PersonsError({ reason: { _tag: "Stopped", project, cause: why } })
  const isKnown = standstills.get(project)?.error.message === error.message
  const live = yield* Effect.option((yield* Persons).checkpoint(project))
  const edition = Option.getOrUndefined(live)?.edition
  yield* ProjectorMetrics.standing(project, true)
  standstills.set(project, { error, edition, triedAt: yield* Clock.currentTimeMillis })
  if (isKnown) return
  yield* isDefect ? Effect.logError(error.message, cause) : Effect.logError(error.message)
  yield* PubSub.publish(problems, { project, error })
})

/** True while there is nothing new to try, after a while or the next commit. */
export const lasts = Effect.fnUntraced(function* (
  standstills: Standstills,
  project: ProjectId,
  nextCommit: Effect.Effect<void>,
) {
  const standstill = standstills.get(project)
  if (standstill === undefined) return false
  const live = yield* (yield* Persons).checkpoint(project)
  const waited = (yield* Clock.currentTimeMillis) - standstill.triedAt
  if (live?.edition !== standstill.edition || waited >= retryTime) return false
  yield* Effect.raceFirst(Effect.sleep(lookInterval), nextCommit)
  return true
})

/** The project is followed again, if it had stood still. */
export const end = (standstills: Standstills, project: ProjectId): Effect.Effect<void> =>
  Effect.suspend(() =>
    standstills.delete(project)
      ? Effect.andThen(
          ProjectorMetrics.standing(project, false),
          Effect.logInfo(`The persons of project ${project} are kept up to date again.`),
        )
      : Effect.void,
  )
