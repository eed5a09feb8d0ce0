import { Effect } from "effect"
import * as Identity from "@onymous/identity/Identity"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Change } from "@onymous/identity/state/Change"
import type { Waiting } from "@onymous/identity/state/WaitingQueue"
import { EventLog, EventLogError } from "@onymous/log/EventLog"
import * as ConeLog from "@onymous/log/ConeLog"
import type { Checkpoint, StoredCheckpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { fold } from "@onymous/persons/rows/PageFold"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"

/** The most events of a page, which are folded and committed together. */
export const pageSize = 2000

/** True where a checkpoint belongs to this log, and the log still has its last event. */
export const isOf = Effect.fnUntraced(function* (checkpoint: StoredCheckpoint, logId: string) {
  if (checkpoint.position === 0) return true
  const log = yield* EventLog
  const uuid = yield* log.uuidAt(checkpoint.project, checkpoint.position)
  return checkpoint.logId === logId && uuid === checkpoint.lastUuid
})

/**
 * Claims a project and checks that its checkpoint belongs to this log. A replaced or rewound log is
 * refused, because going on would mix two histories.
 */
export const claim = Effect.fn("Projector.claim")(function* (project: ProjectId) {
  const log = yield* EventLog
  const store = yield* PersonStore
  yield* Effect.annotateCurrentSpan("onymous.project", project)
  const head = yield* log.head(project)
  const checkpoint = yield* store.claim(project, head.logId)
  if (checkpoint.position === 0) return { ...checkpoint, logId: head.logId }
  const { logId: expected, lastUuid: afterUuid, position: after } = checkpoint
  if (expected !== head.logId) {
    const reason = { _tag: "OtherLog" as const, project, expected, found: head.logId }
    return yield* new EventLogError({ reason })
  }
  yield* log.read({ project, after, afterUuid, limit: 0 })
  return checkpoint
})

/** The waiting events that are due before a page ends, read from the log. */
const dueUntil = Effect.fnUntraced(function* (from: Checkpoint, until: number) {
  const due = yield* (yield* PersonStore).due(from, until)
  if (due.length === 0) return []
  const log = yield* EventLog
  const dueAt = new Map(due.map((each) => [each.position, each.dueAt]))
  const waiting: Array<Waiting> = []
  const positions = [...dueAt.keys()]
  for (let done = 0; done < positions.length; done += pageSize) {
    const page = yield* log.readAt(from.project, positions.slice(done, done + pageSize))
    for (const { position, recordedAt, event } of page) {
      if (event._tag !== "Captured") continue
      waiting.push({ position, recordedAt, event, dueAt: dueAt.get(position) ?? recordedAt })
    }
  }
  return waiting
})

/** The bounds of a page, and a callback for its changes after the commit. */
interface PageOptions {
  readonly until?: Position
  readonly most?: number
  readonly tell?: (page: { readonly changes: ReadonlyArray<Change> }) => Effect.Effect<void>
}

/**
 * Fetches the page of events after a checkpoint, folds it and commits its changes, each once.
 * Returns the checkpoint after the page, or `from` itself where the log has no event up to `until`.
 */
export const projectPage = Effect.fn("Projector.projectPage")(function* (
  from: Checkpoint,
  { until, most = pageSize, tell = () => Effect.void }: PageOptions = {},
) {
  const log = yield* EventLog
  const persons = yield* Persons
  const store = yield* PersonStore
  const { project, position: after } = from
  const limit = until === undefined ? most : Math.min(most, until - after)
  const events = yield* log.read({ project, after, afterUuid: from.lastUuid, limit })
  const page = Identity.pageOf(events)
  const last = page.at(-1)
  if (last === undefined) return from
  const waiting = yield* dueUntil(from, last.recordedAt)
  const past = yield* ConeLog.ofPage(from.project, page, (ids) => persons.conesOf(from, ids))
  const slice = yield* store.load(from, {
    ids: new Set([...Identity.touched([...waiting, ...page]), ...(past?.ids ?? [])]),
    isWhole: page.some(({ event }) => Identity.needsWhole(event)),
    changesPolicy: page.some(({ event }) => event._tag === "PolicyChanged"),
    waiting,
  })
  const folded = yield* WorkInTurns.inBetween(fold(from, slice, page, past))
  yield* store.commit(folded)
  yield* Effect.annotateCurrentSpan({
    "onymous.project": project,
    "onymous.position.from": page[0]?.position ?? last.position,
    "onymous.position.to": last.position,
    "onymous.events": page.length,
  })
  yield* tell(folded)
  return folded.to
})
