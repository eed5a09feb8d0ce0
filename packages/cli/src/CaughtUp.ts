import { Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Projector } from "@onymous/projector/Projector"

/** How long somebody else's projector gets to catch up before this process does it. */
const othersSeconds = 2

const ownSeconds = 3600

/**
 * Ends once the persons are where the log is now. A server that runs on the same database does the
 * work; where none does, this process takes it over.
 */
export const caughtUp = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const projector = yield* Projector
  const { position } = yield* log.head(project)
  yield* projector
    .reached(project, position, othersSeconds)
    .pipe(
      Effect.catchTag("NotReached", () =>
        Effect.andThen(projector.wake(project), projector.reached(project, position, ownSeconds)),
      ),
    )
  return position
})
