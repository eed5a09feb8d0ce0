import { Effect } from "effect"
import type { Change } from "@onymous/identity/Change"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import type * as Retraction from "@onymous/identity/Retraction"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import type { Waiting } from "@onymous/identity/Waiting"
import { EventLog } from "@onymous/log/EventLog"
import { fromChanges } from "./PageRows.ts"
import * as Past from "./Past.ts"
import { type Checkpoint, type Page, Persons } from "./Persons.ts"
import type { Slice } from "./Slice.ts"

/** How many events are folded and committed together. */
export const pageSize = 2000

/** True for a checkpoint that counts in this log, which has not been wound back before it. */
export const isOf = Effect.fnUntraced(function* (checkpoint: Checkpoint, logId: string) {
  if (checkpoint.position === 0) return true
  const log = yield* EventLog
  const uuid = yield* log.uuidAt(checkpoint.project, checkpoint.position)
  return checkpoint.logId === logId && uuid === checkpoint.lastUuid
})

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
  if (yield* isOf(checkpoint, head.logId)) return checkpoint
  const uuid = yield* log.uuidAt(project, checkpoint.position)
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

/** The events that are to be released before a page ends, with what they say. */
const dueUntil = Effect.fnUntraced(function* (from: Checkpoint, until: number) {
  const due = yield* (yield* Persons).due(from, until)
  if (due.length === 0) return []
  const log = yield* EventLog
  const recorded = yield* log.readAt(
    from.project,
    due.map(({ position }) => position),
  )
  const dueAt = new Map(due.map((each) => [each.position, each.dueAt]))
  return recorded.flatMap(({ position, recordedAt, event }): ReadonlyArray<Waiting> =>
    event._tag === "Captured"
      ? [{ position, recordedAt, event, dueAt: dueAt.get(position) ?? recordedAt }]
      : [],
  )
})

/**
 * Folds the page of events after a checkpoint and commits what changed: fetch, compute, commit, each
 * once. Answers with the checkpoint after it; the same one when there is no event, up to a position.
 */
export const projectPage = Effect.fn("Projector.projectPage")(function* (
  from: Checkpoint,
  until?: Position,
) {
  const log = yield* EventLog
  const persons = yield* Persons
  const { project, position: after } = from
  const limit = until === undefined ? pageSize : Math.min(pageSize, until - after)
  const events = yield* log.read({ project, after, limit })
  const page = Identity.pageOf(events)
  const last = page.at(-1)
  if (last === undefined) return from
  const waiting = yield* dueUntil(from, last.recordedAt)
  const past = yield* Past.ofPage(from, page, (ids) => persons.conesOf(from, ids))
  const slice = yield* persons.load(from, {
    ids: new Set([...Identity.touched([...waiting, ...page]), ...(past?.ids ?? [])]),
    isWhole: page.some(({ event }) => Identity.needsWhole(event)),
    changesPolicy: page.some(({ event }) => event._tag === "PolicyChanged"),
    waiting,
  })
  const folded = fold(from, slice, page, past)
  yield* persons.commit(folded)
  return folded.to
})

/** Folds a page over its slice: what is committed together. */
export const fold = (
  from: Checkpoint,
  slice: Slice,
  page: ReadonlyArray<Recorded>,
  past: Retraction.Past | undefined,
): Page & { readonly changes: ReadonlyArray<Change> } => {
  const changes = Identity.fold(slice.identity, page, past)
  const to = checkpointAfter(from, slice.identity, page)
  return { from, to, rows: fromChanges(slice, changes), changes }
}

/** The checkpoint after a page that was folded. */
export const checkpointAfter = (
  from: Checkpoint,
  { position, policy, stateHash }: Identity.Identity,
  page: ReadonlyArray<Recorded>,
): Checkpoint => ({
  ...from,
  position,
  lastUuid: page.at(-1)?.event.uuid ?? from.lastUuid,
  policy,
  stateHash: StateHash.toText(stateHash),
})
