import { Effect, Schedule } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "@onymous/projector/Projector"

/** The time that a server's projector gets before this process projects the project itself. */
const serverTime = "2 seconds"

const looks = Schedule.spaced("100 millis")

const ownSeconds = 3600

/**
 * Waits until the persons are at the log's present head. This process projects them, beside any
 * server.
 */
export const projectNow = Effect.fnUntraced(function* (project: ProjectId) {
  const { position } = yield* (yield* EventLog).head(project)
  yield* (yield* Projector).waitFor(project, position, ownSeconds)
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
