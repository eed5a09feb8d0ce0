import { Cause, Clock, Duration, Effect, Option, PubSub } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLogError } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { PersonsError } from "@onymous/persons/PersonsError"
import * as ProjectorMetrics from "./ProjectorMetrics.ts"

/** A standstill of a project: its projector stops, because its log or a defect would make the persons wrong. */
export interface Standstill {
  /** The error that readers get, and operators see. */
  readonly error: PersonsError
  /** The live edition when the standstill began: a rebuild that mends the project publishes another one. */
  readonly edition: string | undefined
  /** The time of the projector's last attempt, in epoch milliseconds. */
  readonly triedAt: number
}

/** A project that begins to stand still, and why. */
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

/** True for a defect, and for a failure that repeats until its cause is mended. */
export const isCausedBy = (cause: Cause.Cause<EventLogError | PersonsError>): boolean =>
  !Cause.hasInterrupts(cause) &&
  (Cause.hasDies(cause) ||
    Option.exists(Cause.findErrorOption(cause), ({ isRetryable }) => !isRetryable))

const defect = new Error(
  "a defect of Onymous or of what is stored, which the log of this process tells in full. " +
    '"onymous verify" compares what is stored with the log, "onymous rebuild" derives it anew.',
)

/** The error of a standstill: that of the read model, where it says itself that the project stands still. */
const stoppedBy = (project: ProjectId, cause: unknown): PersonsError =>
  cause instanceof PersonsError && cause.reason._tag === "Stopped"
    ? cause
    : new PersonsError({ reason: { _tag: "Stopped", project, cause } })

/** Begins a standstill: logs the cause, and publishes the problem, once. */
export const begin = Effect.fnUntraced(function* (
  standstills: Standstills,
  problems: PubSub.PubSub<Problem>,
  project: ProjectId,
  cause: Cause.Cause<EventLogError | PersonsError>,
) {
  const isDefect = Cause.hasDies(cause)
  const error = stoppedBy(project, isDefect ? defect : Cause.squash(cause))
  const isKnown = standstills.get(project)?.error.message === error.message
  const live = yield* Effect.option((yield* Editions).live(project))
  const edition = Option.getOrUndefined(live)?.edition
  yield* ProjectorMetrics.standing(project, true)
  standstills.set(project, { error, edition, triedAt: yield* Clock.currentTimeMillis })
  if (isKnown) return
  yield* isDefect ? Effect.logError(error.message, cause) : Effect.logError(error.message)
  yield* PubSub.publish(problems, { project, error })
})

/**
 * True while a standstill lasts; then it returns after a pause, or at the next commit. False where it is time to try
 * again.
 */
export const lasts = Effect.fnUntraced(function* (
  standstills: Standstills,
  project: ProjectId,
  nextCommit: Effect.Effect<void>,
) {
  const standstill = standstills.get(project)
  if (standstill === undefined) return false
  const live = yield* (yield* Editions).live(project)
  const waited = (yield* Clock.currentTimeMillis) - standstill.triedAt
  if (live?.edition !== standstill.edition || waited >= retryTime) return false
  yield* Effect.raceFirst(Effect.sleep(lookInterval), nextCommit)
  return true
})

/** Ends a standstill, if there is one. */
export const end = (standstills: Standstills, project: ProjectId): Effect.Effect<void> =>
  Effect.suspend(() =>
    standstills.delete(project)
      ? Effect.andThen(
          ProjectorMetrics.standing(project, false),
          Effect.logInfo(`The persons of project ${project} are kept up to date again.`),
        )
      : Effect.void,
  )
