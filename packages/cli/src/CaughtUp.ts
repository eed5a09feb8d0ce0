import { Effect, Schedule } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "@onymous/projector/Projector"
import { events, type Step } from "./output/ProgressBar.ts"
import { Progress } from "./output/ProgressLine.ts"

/** The time that a server's projector gets before this process projects the project itself. */
const serverTime = "2 seconds"

const looks = Schedule.spaced("100 millis")

const ownSeconds = 3600

/** The looks for the progress line, which are rare, because each is a query beside the work. */
const progressLooks = Schedule.spaced("500 millis")

const deriving: Step = { name: "deriving", unit: events }

/** The step in which a rebuild indexes its edition and replaces the live one. */
const publishing: Step = { name: "publishing" }

/** Shows the progress of the persons towards a position, until it is interrupted. */
const showProgress = Effect.fnUntraced(function* (project: ProjectId, position: Position) {
  const line = yield* Progress
  const { checkpoint } = yield* Persons
  const { making } = yield* Editions
  // Persons that are far behind are derived again, as an edition in the making.
  const reached = Effect.gen(function* () {
    const [live, made] = [yield* checkpoint(project), yield* making(project)]
    return Math.max(live?.position ?? 0, made?.checkpoint.position ?? 0)
  })
  const begun = yield* reached
  const look = Effect.map(reached, (at) =>
    at < position ? line.show(deriving, at, position, begun) : line.show(publishing),
  )
  return yield* Effect.andThen(Effect.repeat(look, progressLooks), Effect.never)
})

/**
 * Waits until the persons are at the log's present head. This process projects them, beside any
 * server.
 */
export const projectNow = Effect.fnUntraced(function* (project: ProjectId) {
  const { position } = yield* (yield* EventLog).head(project)
  const reached = (yield* Projector).waitFor(project, position, ownSeconds)
  // A failed look is ignored, because the wait reports the same failure.
  const shown = Effect.catchCause(showProgress(project, position), () => Effect.never)
  yield* Effect.raceFirst(reached, shown)
  return position
})

/**
 * Waits until the persons are at the log's present head. A server on the same database projects
 * them; without one, this process takes the project over.
 */
export const catchUp = Effect.fnUntraced(function* (project: ProjectId) {
  const { position } = yield* (yield* EventLog).head(project)
  const { checkpoint } = yield* Persons
  // `Projector.waitFor` would take the project over at once, so this looks at the checkpoint.
  const isThere = Effect.map(checkpoint(project), (at) => (at?.position ?? 0) >= position)
  yield* isThere.pipe(
    Effect.repeat({ until: (is) => is, schedule: looks }),
    Effect.timeoutOrElse({ duration: serverTime, orElse: () => projectNow(project) }),
  )
  return position
})
