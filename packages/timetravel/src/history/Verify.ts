import { Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import { canonical } from "@onymous/identity/encoding/Json"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Cones from "@onymous/identity/state/Cones"
import * as StateHash from "@onymous/identity/state/StateHash"
import { type Damage, EventLog, type EventLogError } from "@onymous/log/EventLog"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import * as ConeLog from "@onymous/log/ConeLog"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import { QuestionProgress } from "./QuestionProgress.ts"

/** The result of comparing a project's stored state with a fold of its log. */
export interface Verification {
  readonly isOk: boolean
  /** The first position at which the two differ, or the last position compared. */
  readonly position: Position
  /** The state hash that the log folds to, at the checkpoint. */
  readonly stateHash: string
  /** The first difference in words; undefined where there is none. */
  readonly reason: string | undefined
  /** Persons that differ at the checkpoint, at most 20. */
  readonly persons: ReadonlyArray<PersonId>
}

const pageSize = 5000

/** Persons that an answer names. */
const namedMax = 20

const textOf = (person: Person, distinctIds: ReadonlyArray<DistinctId>): string =>
  canonical([
    [...distinctIds].toSorted(),
    person.properties,
    person.isIdentified,
    person.createdAt,
    person.version,
  ])

/** Which rows are read: those that hold now, or those that held at a position. */
interface RowsAt {
  readonly project: ProjectId
  readonly at?: Position
}

/** The sum of the stored persons' hashes, and the persons that differ from the fold's. */
const personsOf = Effect.fnUntraced(function* (rows: RowsAt, identity: Identity.Identity) {
  const persons = yield* Persons
  const missing = new Map(
    [...Identity.components(identity)].map((each) => [each.person.id, each] as const),
  )
  const onStep = yield* QuestionProgress
  const all = missing.size
  let done = 0
  const differing: Array<PersonId> = []
  let sum = StateHash.zero
  let cursor: string | undefined
  do {
    const page = yield* persons.list({ ...rows, limit: pageSize, ...(cursor && { cursor }) })
    for (const view of page.results) {
      sum = StateHash.add(sum, StateHash.ofWhole(view, view.distinctIds))
      const wanted = missing.get(view.id)
      missing.delete(view.id)
      const isSame =
        wanted !== undefined &&
        textOf(view, view.distinctIds) === textOf(wanted.person, wanted.members)
      if (!isSame) differing.push(view.id)
    }
    onStep("comparing", (done += page.results.length), all)
    cursor = page.next
  } while (cursor !== undefined)
  return { sum, differing: [...differing, ...missing.keys()].slice(0, namedMax) }
})

/** The sum of the hashes of the stored warnings and waiting events. */
const restOf = Effect.fnUntraced(function* (rows: RowsAt) {
  const persons = yield* Persons
  let sum = StateHash.zero
  for (let after = zero; ;) {
    const page = yield* persons.warnings({ ...rows, after, limit: pageSize })
    for (const warning of page) sum = StateHash.add(sum, StateHash.ofWarning(warning))
    const last = page.at(-1)
    if (last === undefined) break
    after = last.raisedAt
  }
  for (let before = Position(Number.MAX_SAFE_INTEGER); ;) {
    const page = yield* persons.waiting({ ...rows, limit: pageSize, before })
    for (const waiting of page) sum = StateHash.add(sum, StateHash.ofWaiting(waiting))
    const last = page.at(-1)
    if (last === undefined) break
    before = last.position
  }
  return sum
})

/** The state hash of the stored rows, and the persons that differ from the fold's. */
const hashOf = Effect.fnUntraced(function* (rows: RowsAt, identity: Identity.Identity) {
  const { sum, differing } = yield* personsOf(rows, identity)
  return { hash: StateHash.toText(StateHash.add(sum, yield* restOf(rows))), differing }
})

/**
 * The state hash of the rows that held at a checkpoint. The rows of now are read first, because that takes less time;
 * the rows of the checkpoint's position are read where a projector has moved on.
 */
const storedAt = Effect.fnUntraced(function* (
  { project, position, edition }: Checkpoint,
  identity: Identity.Identity,
) {
  const stored = yield* hashOf({ project }, identity)
  if (stored.hash === StateHash.toText(identity.stateHash)) return stored
  const now = yield* (yield* Persons).checkpoint(project)
  const isThere = (now?.position ?? zero) === position && (now?.edition ?? edition) === edition
  return isThere ? stored : yield* hashOf({ project, at: position }, identity)
})

/**
 * Folds the log up to a checkpoint, and finds the first stored hash from `from` on that differs.
 */
const replay = Effect.fnUntraced(function* (checkpoint: Checkpoint, from: Position) {
  const log = yield* EventLog
  const { project } = checkpoint
  const stored = new Map(
    (yield* (yield* Persons).hashes(project)).map((each) => [each.position, each.stateHash]),
  )
  const onStep = yield* QuestionProgress
  const identity = Identity.empty(project)
  let wrongAt: Position | undefined
  let afterUuid: string | undefined
  while (identity.position < checkpoint.position) {
    const after = identity.position
    const limit = Math.min(pageSize, checkpoint.position - after)
    const page = Identity.pageOf(yield* log.read({ project, after, afterUuid, limit }))
    const last = page.at(-1)
    // A log that was wound back ends before its checkpoint.
    if (last === undefined) break
    afterUuid = last.event.uuid
    onStep("folding", after, checkpoint.position)
    const past = yield* ConeLog.ofPage(checkpoint.project, page, (ids) =>
      Effect.succeed(Cones.of(identity, ids)),
    )
    for (const change of Identity.fold(identity, page, past)) {
      if (change._tag !== "Hashed" || change.position < from) continue
      if (stored.get(change.position) !== change.stateHash) wrongAt ??= change.position
    }
  }
  return { identity, wrongAt, isWhole: identity.position === checkpoint.position }
})

/** The verification of a damaged log; it makes no comparison, because the persons follow from the log. */
const damaged = ({ table, position, reason }: Damage): Verification => ({
  isOk: false,
  position,
  stateHash: "",
  reason: `${table}: ${reason}`,
  persons: [],
})

/**
 * Looks at the seals of a log, then folds it from position 1 in memory. Compares the fold with the hashes stored along the
 * way, from a position on, with the checkpoint's hash and with the stored rows (SPEC §8).
 */
export const verify = Effect.fn("Verify.verify")(function* (
  project: ProjectId,
  from: Position = zero,
): Effect.fn.Return<Verification, EventLogError | PersonsError, EventLog | Persons> {
  const log = yield* EventLog
  const onStep = yield* QuestionProgress
  onStep("checking seals", 0)
  const damage = yield* log.damage(project)
  if (damage !== undefined) return damaged(damage)
  const { logId } = yield* log.head(project)
  const checkpoint = (yield* (yield* Persons).checkpoint(project)) ?? initial(project, logId)
  const { identity, wrongAt, isWhole } = yield* replay(checkpoint, from)
  const { hash: rows, differing } = yield* storedAt(checkpoint, identity)
  const stateHash = StateHash.toText(identity.stateHash)
  const wrong = (position: Position, reason: string): Verification => ({
    isOk: false,
    position,
    stateHash,
    reason,
    persons: differing,
  })
  if (wrongAt !== undefined) return wrong(wrongAt, "its stored hash is another one")
  if (!isWhole) {
    const words = `the log ends there, and its persons were derived up to ${checkpoint.position}`
    return wrong(identity.position, words)
  }
  const { position } = checkpoint
  if (checkpoint.stateHash !== stateHash)
    return wrong(position, "the checkpoint's hash is another one")
  if (rows !== stateHash) return wrong(position, "the rows come to another hash")
  return { isOk: true, position, stateHash, reason: undefined, persons: [] }
})
