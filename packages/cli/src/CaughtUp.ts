import { Effect, Schedule } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "@onymous/projector/Projector"

/** How long the projector of a server gets to catch up before this process does it. */
const serverTime = "2 seconds"

const looks = Schedule.spaced("100 millis")

const ownSeconds = 3600

/** Ends once the persons are where the log is now; this process derives them, beside any server. */
export const derived = Effect.fnUntraced(function* (project: ProjectId) {
  const { position } = yield* (yield* EventLog).head(project)
  yield* (yield* Projector).reached(project, position, ownSeconds)
  return position
})

/**
 * Ends once the persons are where the log is now. The server that runs on the same database derives them;
 * where no server does, this process takes the project over.
 */
export const caughtUp = Effect.fnUntraced(function* (project: ProjectId) {
  const { position } = yield* (yield* EventLog).head(project)
  const { checkpoint } = yield* Persons
  // `reached` would take the project over at once.
  const isThere = Effect.map(checkpoint(project), (at) => (at?.position ?? 0) >= position)
  yield* isThere.pipe(
    Effect.repeat({ until: (is) => is, schedule: looks }),
    Effect.timeoutOrElse({ duration: serverTime, orElse: () => derived(project) }),
  )
  return position
})
