import { Deferred, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { type Checkpoint, type Page, Persons, PersonsError } from "./Persons.ts"
import * as Edition from "./Edition.ts"
import * as SqlComparison from "./SqlComparison.ts"
import * as SqlCommit from "./SqlCommit.ts"
import * as SqlEditions from "./SqlEditions.ts"
import * as SqlPartitions from "./SqlPartitions.ts"
import * as SqlDump from "./SqlDump.ts"
import * as SqlFates from "./SqlFates.ts"
import * as SqlQueries from "./SqlQueries.ts"
import * as SqlSlice from "./SqlSlice.ts"
import * as SqlWarnings from "./SqlWarnings.ts"

const fenced = (project: ProjectId) => new PersonsError({ reason: { _tag: "Fenced", project } })

/** True for an edition that is loading in partitions of its own. */
const isApartLoading = ({ edition, stage }: Checkpoint): boolean =>
  stage === "loading" && Edition.isApart(edition)

/**
 * The checkpoint moves first: it locks the row, so that of two projectors one finds it gone. The disk
 * is not waited for: what a crash takes back is taken back as a whole, and derived again.
 */
const commit = Effect.fnUntraced(function* ({ from, to, rows }: Page) {
  const sql = yield* SqlClient.SqlClient
  // Partitions are made with the first rows.
  const isFirst = isApartLoading(from) && from.position === 0
  const isOurs = yield* Deferred.make<void>()
  const written = sql.withTransaction(
    Effect.gen(function* () {
      if (!(yield* SqlCommit.advance(from, to))) return yield* fenced(from.project)
      yield* Deferred.succeed(isOurs, undefined)
      if (isFirst) yield* SqlPartitions.make(from.edition)
      yield* SqlCommit.write(from, rows)
    }),
  )
  const isLast = isApartLoading(from) && !isFirst && to.stage === "loaded"
  if (!isLast) return yield* written
  // What was decided is all there: it gets its indexes while what still holds is written. Where that fails,
  // it is done when the edition is sealed.
  const attached = Effect.ignore(
    Effect.andThen(Deferred.await(isOurs), SqlPartitions.attachAll(from.edition, Edition.decided)),
    { log: "Debug" },
  )
  yield* Effect.all([written, attached], { concurrency: "unbounded", discard: true })
})

const unavailable = (cause: SqlError.SqlError): PersonsError =>
  new PersonsError({ reason: { _tag: "Unavailable", cause } })

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const answer = <A, E extends PersonsError>(
    effect: Effect.Effect<A, E | SqlError.SqlError, SqlClient.SqlClient>,
  ): Effect.Effect<A, PersonsError> =>
    effect.pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.mapError((error) => (error instanceof PersonsError ? error : unavailable(error))),
    )
  return Persons.of({
    checkpoint: (project) => answer(SqlEditions.checkpoint(project)),
    claim: (project, logId) => answer(SqlEditions.claim(project, logId)),
    claimEdition: (project, logId, options) =>
      answer(SqlEditions.claimEdition(project, logId, options)),
    making: (project) => answer(SqlEditions.making(project)),
    beat: (made) => answer(SqlEditions.beat(made)),
    seal: (made) => answer(SqlEditions.seal(made)),
    sweep: answer(SqlEditions.sweep),
    publish: (made, live) => answer(SqlEditions.publish(made, live)),
    discard: (made) => answer(SqlEditions.discard(made)),
    compare: (made) => answer(SqlComparison.compare(made)),
    load: (from, wanted) => answer(SqlSlice.load(from, wanted)),
    conesOf: (from, ids) => answer(SqlSlice.conesOf(from, ids)),
    due: (from, until) => answer(SqlFates.due(from, until)),
    overdue: (now) => answer(SqlFates.overdue(now)),
    waiting: (question) => answer(SqlFates.waiting(question)),
    fates: (project, positions) => answer(SqlFates.fates(project, positions)),
    goneAt: (project, ids, at) => answer(SqlFates.goneAt(project, ids, at)),
    ownersAt: (project, asked) => answer(SqlFates.ownersAt(project, asked)),
    policies: (project) => answer(SqlFates.policies(project)),
    commit: (page) => answer(commit(page)),
    find: (project, id, at) => answer(SqlQueries.find(project, id, at)),
    list: (question) => answer(SqlQueries.list(question)),
    warningGroups: (question) => answer(SqlWarnings.warningGroups(question)),
    warnings: (question) => answer(SqlWarnings.warnings(question)),
    hashes: (project) => answer(SqlFates.hashes(project)),
    dump: (project) => answer(SqlDump.dump(project)),
  })
})

/** The read model in Postgres, or in PGlite. */
export const layer: Layer.Layer<Persons, never, SqlClient.SqlClient> = Layer.effect(Persons, make)
