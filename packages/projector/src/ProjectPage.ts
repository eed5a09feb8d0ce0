import { Effect } from "effect"
import * as Identity from "@onymous/identity/Identity"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import { EventLog } from "@onymous/log/EventLog"
import { type Checkpoint, Persons } from "./Persons.ts"

/** How many events are folded and committed together. */
export const pageSize = 2000

/**
 * Takes over a project: reads its checkpoint, and makes sure that it counts in this log. A log that
 * was replaced or wound back is a defect: to go on would mix two histories.
 */
export const claim = Effect.fn("Projector.claim")(function* (project: ProjectId) {
  const log = yield* EventLog
  const persons = yield* Persons
  const head = yield* log.head(project)
  const checkpoint = yield* persons.claim(project, head.logId)
  if (checkpoint.position === 0) return { ...checkpoint, logId: head.logId }
  const uuid = yield* log.uuidAt(project, checkpoint.position)
  if (checkpoint.logId === head.logId && uuid === checkpoint.lastUuid) return checkpoint
  return yield* Effect.die(
    new Error(
      `The persons of project ${project} were derived from another log, or this one was wound back: ` +
        `it has ${checkpoint.logId === head.logId ? `event ${uuid ?? "none"}` : `the identity ${head.logId}`} ` +
        `where the checkpoint at position ${checkpoint.position} expects ` +
        `${checkpoint.logId === head.logId ? `event ${checkpoint.lastUuid}` : checkpoint.logId}. ` +
        `"onymous rebuild" derives them from this log.`,
    ),
  )
})

/**
 * Folds the page of events after a checkpoint and commits what changed: fetch, compute, commit, each
 * once. Answers with the checkpoint after it; the same one when there is no event.
 */
export const projectPage = Effect.fn("Projector.projectPage")(function* (from: Checkpoint) {
  const log = yield* EventLog
  const persons = yield* Persons
  const page = yield* log.read({ project: from.project, after: from.position, limit: pageSize })
  const last = page.at(-1)
  if (last === undefined) return from
  const slice = yield* persons.load(from, Identity.touched(page))
  const changes = Identity.fold(slice.identity, page)
  const to: Checkpoint = {
    ...from,
    position: last.position,
    lastUuid: last.event.uuid,
    policy: slice.identity.policy,
    stateHash: StateHash.toText(slice.identity.stateHash),
  }
  yield* persons.commit({ from, to, slice, changes })
  return to
})
