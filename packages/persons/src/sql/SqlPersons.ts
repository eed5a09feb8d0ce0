import { Deferred, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Checkpoint } from "../Checkpoint.ts"
import { type Page, Persons } from "../Persons.ts"
import { PersonsError } from "../PersonsError.ts"
import * as EditionTables from "./editions/EditionTables.ts"
import * as EditionComparison from "./editions/EditionComparison.ts"
import * as SqlCommit from "./SqlCommit.ts"
import * as SqlEditions from "./editions/SqlEditions.ts"
import * as Partitions from "./editions/Partitions.ts"
import * as SqlDump from "./SqlDump.ts"
import * as EventFates from "./EventFates.ts"
import * as PersonQueries from "./PersonQueries.ts"
import * as SliceLoader from "./SliceLoader.ts"
import * as WarningQueries from "./WarningQueries.ts"

const fenced = (project: ProjectId) => new PersonsError({ reason: { _tag: "Fenced", project } })

/** True for an edition that is loading in partitions of its own. */
const isApartLoading = ({ edition, stage }: Checkpoint): boolean =>
  stage === "loading" && EditionTables.isApart(edition)

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
      if (isFirst) yield* Partitions.make(from.edition)
      yield* SqlCommit.write(from, rows)
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
    compare: (made) => answer(EditionComparison.compare(made)),
    load: (from, wanted) => answer(SliceLoader.load(from, wanted)),
    conesOf: (from, ids) => answer(SliceLoader.conesOf(from, ids)),
    due: (from, until) => answer(EventFates.due(from, until)),
    overdue: (now) => answer(EventFates.overdue(now)),
    waiting: (question) => answer(EventFates.waiting(question)),
    fates: (project, positions) => answer(EventFates.fates(project, positions)),
    goneAt: (project, ids, at) => answer(EventFates.goneAt(project, ids, at)),
    ownersAt: (project, asked) => answer(EventFates.ownersAt(project, asked)),
    policies: (project) => answer(EventFates.policies(project)),
    commit: (page) => answer(commit(page)),
    find: (project, id, at) => answer(PersonQueries.find(project, id, at)),
    list: (question) => answer(PersonQueries.list(question)),
    warningGroups: (question) => answer(WarningQueries.warningGroups(question)),
    warnings: (question) => answer(WarningQueries.warnings(question)),
    hashes: (project) => answer(EventFates.hashes(project)),
    dump: (project) => answer(SqlDump.dump(project)),
  })
})

/** The read model in Postgres, or in PGlite. */
export const layer: Layer.Layer<Persons, never, SqlClient.SqlClient> = Layer.effect(Persons, make)
