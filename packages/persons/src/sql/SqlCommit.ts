import { Deferred, Effect } from "effect"
import * as Transaction from "@onymous/database/sql/Transaction"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Checkpoint } from "../Checkpoint.ts"
import { PersonsError } from "../PersonsError.ts"
import type { Page } from "../rows/PageFold.ts"
import * as EditionTables from "./editions/EditionTables.ts"
import * as EditionId from "../migrations/EditionId.ts"
import * as Partitions from "./editions/Partitions.ts"
import * as RowWriter from "./RowWriter.ts"

const fenced = (project: ProjectId) => new PersonsError({ reason: { _tag: "Fenced", project } })

/** Moves the checkpoint, if nobody else has, in a transaction that waits for no disk: answers whether it did. */
const advance = Effect.fnUntraced(function* (from: Checkpoint, to: Checkpoint) {
  const sql = yield* SchemaClient
  const moved = yield* sql`
    update ${sql.ours("checkpoints")} set position = ${to.position}, state_hash = ${to.stateHash},
      policy = ${JSON.stringify(to.policy)}::text::json, stage = ${to.stage},
      last_uuid = ${to.lastUuid ?? null}::text::uuid
    where edition = ${from.edition} and epoch = ${from.epoch} and position = ${from.position}
    returning position, set_config('synchronous_commit', 'off', true)`
  return moved.length === 1
})

/** True for an edition that is loading in partitions of its own. */
const isApartLoading = ({ edition, stage }: Checkpoint): boolean =>
  stage === "loading" && EditionId.isApart(edition)

/**
 * The checkpoint moves first: it locks the row, so that of two projectors one finds it gone. The disk
 * is not waited for: what a crash takes back is taken back as a whole, and derived again.
 */
export const commit = Effect.fnUntraced(function* ({ from, to, rows }: Page) {
  const sql = yield* SchemaClient
  // The first rows of an edition bring its partitions.
  const isFirst = isApartLoading(from) && from.position === 0
  const isOurs = yield* Deferred.make<void>()
  const transact = from.stage === "ready" ? Transaction.run : Transaction.runPatiently
  const written = transact(
    sql,
    Effect.gen(function* () {
      if (!(yield* advance(from, to))) return yield* fenced(from.project)
      yield* Deferred.succeed(isOurs, undefined)
      if (isFirst) yield* Partitions.make(from.edition)
      yield* RowWriter.write(from, rows)
    }),
  )
  const isLast = isApartLoading(from) && !isFirst && to.stage === "loaded"
  if (!isLast) return yield* written
  // What was decided is all there: it gets its indexes while what still holds is written. Where that fails,
  // it is done when the edition is sealed.
  const attached = Effect.ignore(
    Effect.andThen(
      Deferred.await(isOurs),
      Partitions.attachAll(from.edition, EditionTables.decided),
    ),
    { log: "Debug" },
  )
  yield* Effect.all([written, attached], { concurrency: "unbounded", discard: true })
})
