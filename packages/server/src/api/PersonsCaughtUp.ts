import { Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Freshness } from "@onymous/persons/reading/Freshness"

/** Waits until the persons of a project are where the head of its log was when it was asked. */
export const make = Effect.gen(function* () {
  const log = yield* EventLog
  const freshness = yield* Freshness
  return Effect.fnUntraced(function* (project: ProjectId) {
    const { position } = yield* log.head(project)
    yield* freshness.reach(project, position)
  })
})
