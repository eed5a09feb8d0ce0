import { Effect, Layer, Result } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { initial } from "./MemoryPersons.ts"
import { type Checkpoint, type Page, Persons, PersonsError } from "./Persons.ts"
import { fromChanges } from "./PageRows.ts"
import * as SqlCommit from "./SqlCommit.ts"
import * as SqlDump from "./SqlDump.ts"
import * as SqlFates from "./SqlFates.ts"
import * as SqlQueries from "./SqlQueries.ts"
import * as SqlSlice from "./SqlSlice.ts"
import * as SqlWarnings from "./SqlWarnings.ts"

interface CheckpointRow {
  readonly position: bigint
  readonly epoch: bigint
  readonly state_hash: string
  readonly policy: string
  readonly log_id: string
  readonly last_uuid: string | null
}

const toCheckpoint = (project: ProjectId, row: CheckpointRow): Checkpoint => ({
  project,
  position: Position(Number(row.position)),
  epoch: Number(row.epoch),
  stateHash: row.state_hash,
  // What a checkpoint keeps was written by us: anything else is a defect.
  policy: Result.getOrThrow(Policy.decodePolicy(JSON.parse(row.policy))),
  logId: row.log_id,
  lastUuid: row.last_uuid ?? undefined,
})

const columns = "position, epoch, state_hash, policy::text as policy, log_id, last_uuid"

const checkpoint = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<CheckpointRow>`
    select ${sql.literal(columns)} from checkpoints where project_id = ${project}`
  const [row] = rows
  return row && toCheckpoint(project, row)
})

const claim = Effect.fnUntraced(function* (project: ProjectId, logId: string) {
  const sql = yield* SqlClient.SqlClient
  const first = initial(project, logId)
  const rows = yield* sql<CheckpointRow>`
    insert into checkpoints (project_id, position, epoch, state_hash, policy, log_id)
    values (${project}, 0, 1, ${first.stateHash}, ${JSON.stringify(first.policy)}::text::json,
      ${logId}::text::uuid)
    on conflict (project_id) do update set epoch = checkpoints.epoch + 1
    returning ${sql.literal(columns)}`
  return toCheckpoint(project, rows[0] ?? (yield* Effect.die("A claim returns its row.")))
})

const fenced = (project: ProjectId) => new PersonsError({ reason: { _tag: "Fenced", project } })

/** The checkpoint moves first: it locks the row, so that of two projectors one finds it gone. */
const commit = Effect.fnUntraced(function* (page: Page) {
  const sql = yield* SqlClient.SqlClient
  const rows = fromChanges(page.slice, page.changes)
  yield* sql.withTransaction(
    Effect.gen(function* () {
      if (!(yield* SqlCommit.advance(page.from, page.to))) return yield* fenced(page.from.project)
      yield* SqlCommit.write(page.from.project, rows)
    }),
  )
})

const derived = [
  "waiting_events",
  "personless_ids",
  "generations",
  "refusals",
  "policies",
  "persons",
  "memberships",
  "components",
  "cones",
  "cone_members",
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
]

const reset = Effect.fnUntraced(function* (project: ProjectId, logId: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(
    Effect.gen(function* () {
      const { stateHash, policy } = initial(project, logId)
      yield* sql`update checkpoints set position = 0, epoch = epoch + 1, state_hash = ${stateHash},
        policy = ${JSON.stringify(policy)}::text::json, last_uuid = null,
        log_id = ${logId}::text::uuid where project_id = ${project}`
      for (const table of derived) {
        yield* sql`delete from ${sql(table)} where project_id = ${project}`
      }
    }),
  )
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
    checkpoint: (project) => answer(checkpoint(project)),
    claim: (project, logId) => answer(claim(project, logId)),
    load: (from, wanted) => answer(SqlSlice.load(from, wanted)),
    due: (project, until) => answer(SqlFates.due(project, until)),
    overdue: (now) => answer(SqlFates.overdue(now)),
    waiting: (question) => answer(SqlFates.waiting(question)),
    fates: (project, positions) => answer(SqlFates.fates(project, positions)),
    goneAt: (project, ids) => answer(SqlFates.goneAt(project, ids)),
    ownersAt: (project, asked) => answer(SqlFates.ownersAt(project, asked)),
    policies: (project) => answer(SqlFates.policies(project)),
    commit: (page) => answer(commit(page)),
    reset: (project, logId) => answer(reset(project, logId)),
    find: (project, id) => answer(SqlQueries.find(project, id)),
    list: (question) => answer(SqlQueries.list(question)),
    warningGroups: (question) => answer(SqlWarnings.warningGroups(question)),
    warnings: (question) => answer(SqlWarnings.warnings(question)),
    dump: (project) => answer(SqlDump.dump(project)),
  })
})

/** The read model in Postgres, or in PGlite. */
export const layer: Layer.Layer<Persons, never, SqlClient.SqlClient> = Layer.effect(Persons, make)
