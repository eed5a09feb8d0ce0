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

/**
 * Moves the checkpoint unless another projector has; answers whether it did. The transaction will not wait for the
 * disk.
 */
const advance = Effect.fnUntraced(function* (from: Checkpoint, to: Checkpoint) {
  const sql = yield* SchemaClient
  const rows = yield* sql`
    update ${sql.ours("checkpoints")} set position = ${to.position}, state_hash = ${to.stateHash},
      policy = ${JSON.stringify(to.policy)}::text::json, stage = ${to.stage},
      last_uuid = ${to.lastUuid ?? null}::text::uuid
    where edition = ${from.edition} and epoch = ${from.epoch} and position = ${from.position}
    returning position, set_config('synchronous_commit', 'off', true)`
  return rows.length === 1
})

/** True for an edition that is loading in partitions of its own. */
const isApartLoading = ({ edition, stage }: Checkpoint): boolean =>
  stage === "loading" && EditionId.isApart(edition)

/**
 * Commits a page. The checkpoint moves first, because that locks its row: of two projectors, the second finds it
 * moved. The commit does not wait for the disk, because a crash undoes whole pages, which are derived again.
 */
export const commit = Effect.fnUntraced(function* ({ from, to, rows }: Page) {
  const sql = yield* SchemaClient
  // The first page of an edition makes its partitions.
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
  // The `decided` tables are complete: they get their indexes while the rows that still hold are written. If that
  // fails, `seal` does it.
  const attached = Effect.ignore(
    Effect.andThen(
      Deferred.await(isOurs),
      Partitions.attachAll(from.edition, EditionTables.decidedTables),
    ),
    { log: "Debug" },
  )
  yield* Effect.all([written, attached], { concurrency: "unbounded", discard: true })
})
