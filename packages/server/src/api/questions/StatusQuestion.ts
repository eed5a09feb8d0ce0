import { Clock, Effect } from "effect"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { Timeline } from "@onymous/persons/Timeline"
import { Projector } from "@onymous/projector/Projector"
import type { Scope } from "./ProjectQuestions.ts"

/** The seconds over which the rate of events is taken. */
const rateSeconds = 60

/** Events a second over the last minute. */
export const rateOf = Effect.fnUntraced(function* (project: ProjectId, head: number) {
  const now = yield* Clock.currentTimeMillis
  const [first = Position(head + 1)] = yield* (yield* EventLog).firstAt(project, [
    now - rateSeconds * 1000,
  ])
  return Math.max(0, head - first + 1) / rateSeconds
})

/** The log's head, the position of the persons, their lag, the waiting events, and a running rebuild. */
export const status = Effect.fnUntraced(function* ({ project }: Pick<Scope, "project">) {
  const lag = yield* (yield* Projector).lag(project)
  const { head, checkpoint, events, seconds, stopped, owner } = lag
  const making = yield* (yield* Editions).making(project)
  return {
    project,
    head: head.position,
    checkpoint: checkpoint.position,
    lag: events ?? null,
    lag_seconds: seconds ?? null,
    stopped: stopped ?? null,
    owner: owner ?? null,
    state_hash: checkpoint.stateHash,
    log_id: head.logId,
    token: (yield* (yield* EventLog).project(project))?.token ?? "",
    rate: yield* rateOf(project, head.position),
    ...ProjectForms.waitingNow(yield* (yield* Timeline).waitingNow(project)),
    rebuild:
      making === undefined ? null : { position: making.checkpoint.position, head: head.position },
  }
})
