import { Effect } from "effect"
import * as Identity from "@onymous/identity/Identity"
import { Position, zero } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Retraction from "@onymous/identity/Retraction"
import * as StateHash from "@onymous/identity/StateHash"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { initial } from "@onymous/projector/MemoryPersons"
import * as Past from "@onymous/projector/Past"
import { Persons, type PersonsError } from "@onymous/projector/Persons"

/** Whether what is stored is what the log comes to. */
export interface Verified {
  readonly isOk: boolean
  /** The first position at which they differ, or the last one that was compared. */
  readonly position: Position
  /** What the log comes to, at the checkpoint. */
  readonly stateHash: string
  /** What is wrong, in words. */
  readonly reason: string | undefined
}

const pageSize = 5000

/** What the rows that are there come to, whatever the checkpoint says. */
const hashOfRows = Effect.fnUntraced(function* (project: ProjectId) {
  const persons = yield* Persons
  let sum = 0n
  let cursor: string | undefined
  do {
    const page = yield* persons.list({ project, limit: pageSize, ...(cursor && { cursor }) })
    for (const view of page.results) {
      sum = StateHash.add(sum, StateHash.ofWhole(view, view.distinctIds))
    }
    cursor = page.next
  } while (cursor !== undefined)
  for (let after = zero; ;) {
    const page = yield* persons.warnings({ project, after, limit: pageSize })
    for (const warning of page) sum = StateHash.add(sum, StateHash.ofWarning(warning))
    const last = page.at(-1)
    if (last === undefined) break
    after = last.raisedAt
  }
  for (let before = Position(Number.MAX_SAFE_INTEGER); ;) {
    const page = yield* persons.waiting({ project, limit: pageSize, before })
    for (const waiting of page) sum = StateHash.add(sum, StateHash.ofWaiting(waiting))
    const last = page.at(-1)
    if (last === undefined) break
    before = last.position
  }
  return StateHash.toText(sum)
})

/**
 * Replays a project from position 1 in memory, and compares with the hashes that were stored along the
 * way, with the checkpoint, and with the rows themselves (SPEC §8).
 */
export const verify = Effect.fn("Verify.verify")(function* (
  project: ProjectId,
): Effect.fn.Return<Verified, EventLogError | PersonsError, EventLog | Persons> {
  const log = yield* EventLog
  const persons = yield* Persons
  const { logId } = yield* log.head(project)
  const checkpoint = (yield* persons.checkpoint(project)) ?? initial(project, logId)
  const stored = new Map(
    (yield* persons.hashes(project)).map(({ position, stateHash }) => [position, stateHash]),
  )
  const identity = Identity.empty(project)
  while (identity.position < checkpoint.position) {
    const limit = Math.min(pageSize, checkpoint.position - identity.position)
    const page = Identity.pageOf(yield* log.read({ project, after: identity.position, limit }))
    const past = yield* Past.ofPage(checkpoint, page, (ids) =>
      Effect.succeed(Retraction.conesOf(identity, ids)),
    )
    for (const change of Identity.fold(identity, page, past)) {
      if (change._tag !== "Hashed") continue
      const { position, stateHash } = change
      if (stored.get(position) === stateHash) continue
      return { isOk: false, position, stateHash, reason: "its stored hash is another one" }
    }
  }
  const stateHash = StateHash.toText(identity.stateHash)
  const { position } = checkpoint
  const wrong = (reason: string): Verified => ({ isOk: false, position, stateHash, reason })
  if (checkpoint.stateHash !== stateHash) return wrong("the checkpoint's hash is another one")
  if ((yield* hashOfRows(project)) !== stateHash) return wrong("the rows come to another hash")
  return { isOk: true, position, stateHash, reason: undefined }
})
