import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { PersonId } from "@onymous/identity/PersonId"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { initial } from "./MemoryPersons.ts"
import { type Checkpoint, type Comparison, PersonsError } from "./Persons.ts"

interface CheckpointRow {
  readonly edition: bigint
  readonly position: bigint
  readonly epoch: bigint
  readonly state_hash: string
  readonly policy: string
  readonly log_id: string
  readonly last_uuid: string | null
}

const toCheckpoint = (project: ProjectId, row: CheckpointRow): Checkpoint => ({
  project,
  edition: `${row.edition}`,
  position: Position(Number(row.position)),
  epoch: Number(row.epoch),
  stateHash: row.state_hash,
  // What a checkpoint keeps was written by us: anything else is a defect.
  policy: Result.getOrThrow(Policy.decodePolicy(JSON.parse(row.policy))),
  logId: row.log_id,
  lastUuid: row.last_uuid ?? undefined,
})

const columns = "edition, position, epoch, state_hash, policy::text as policy, log_id, last_uuid"

/** The live edition of a project, as a part of a statement: what one statement reads is one edition. */
export const liveOf = (sql: SqlClient.SqlClient, project: ProjectId) =>
  sql`(select edition from checkpoints where project_id = ${project} and is_live)`

/** The checkpoint of the live edition. */
export const checkpoint = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<CheckpointRow>`
    select ${sql.literal(columns)} from checkpoints where project_id = ${project} and is_live`
  return rows[0] && toCheckpoint(project, rows[0])
})

const claimAs = Effect.fnUntraced(function* (project: ProjectId, logId: string, isLive: boolean) {
  const sql = yield* SqlClient.SqlClient
  const { stateHash, policy } = initial(project, logId)
  const rows = yield* sql<CheckpointRow>`
    insert into checkpoints (edition, project_id, is_live, position, epoch, state_hash, policy, log_id)
    values (nextval('editions'), ${project}, ${isLive}, 0, 1, ${stateHash},
      ${JSON.stringify(policy)}::text::json, ${logId}::text::uuid)
    on conflict (project_id) where ${sql.literal(isLive ? "is_live" : "not is_live")}
    do update set epoch = checkpoints.epoch + 1
    returning ${sql.literal(columns)}`
  return toCheckpoint(project, rows[0] ?? (yield* Effect.die("A claim returns its row.")))
})

/** Takes over the live edition: from now on nobody else's commit succeeds. */
export const claim = (project: ProjectId, logId: string) => claimAs(project, logId, true)

/** Takes over the edition in the making, or begins one. */
export const claimEdition = (project: ProjectId, logId: string) => claimAs(project, logId, false)

const derived = [
  "persons",
  "memberships",
  "components",
  "cones",
  "cone_members",
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
  "waiting_events",
  "personless_ids",
  "generations",
  "refusals",
  "policies",
]

const drop = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, edition: string) {
  for (const table of derived) yield* sql`delete from ${sql(table)} where edition = ${edition}`
})

const fenced = (project: ProjectId) => new PersonsError({ reason: { _tag: "Fenced", project } })

/** Locks both checkpoints: nobody commits to either while they change places. */
export const publish = Effect.fnUntraced(function* (made: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const live = yield* checkpoint(made.project)
  const outcome = yield* sql.withTransaction(
    Effect.gen(function* () {
      const rows = yield* sql<{ readonly edition: bigint; position: bigint; epoch: bigint }>`
        select edition, position, epoch from checkpoints where project_id = ${made.project}
        order by edition for update`
      const [own] = rows.filter(({ edition }) => `${edition}` === made.edition)
      const [other] = rows.filter(({ edition }) => `${edition}` !== made.edition)
      if (own === undefined || Number(own.epoch) !== made.epoch) return yield* fenced(made.project)
      if (other !== undefined && other.position > own.position) return "behind" as const
      const epoch = Math.max(made.epoch, Number(other?.epoch ?? 0)) + 1
      yield* sql`delete from checkpoints where project_id = ${made.project} and is_live`
      yield* sql`update checkpoints set is_live = true, epoch = ${epoch}
        where edition = ${made.edition}`
      return "published" as const
    }),
  )
  // Nobody reads it any more: whoever asks from now on asks the other one.
  if (outcome === "published" && live !== undefined) yield* drop(sql, live.edition)
  return outcome
})

/** Deletes the edition in the making. */
export const discard = Effect.fnUntraced(function* (made: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`delete from checkpoints where edition = ${made.edition} and not is_live`
  yield* drop(sql, made.edition)
})

/** The last position of which both editions keep a hash. */
const commonHash = Effect.fnUntraced(function* (made: Checkpoint, live: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly position: bigint; readonly is_same: boolean }>`
    select a.position, a.state_hash = b.state_hash as is_same
    from state_hashes a join state_hashes b on b.edition = ${live.edition} and b.position = a.position
    where a.edition = ${made.edition} order by a.position desc limit 1`
  const [row] = rows
  return {
    position: Position(Number(row?.position ?? 0)),
    isSame: row?.is_same ?? true,
    persons: [],
  }
})

/** How many persons that differ are named. */
const namedMax = 20

/** How the edition in the making differs from the live one. */
export const compare = Effect.fnUntraced(function* (made: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const live = yield* checkpoint(made.project)
  const nothing: Comparison = { position: Position(0), isSame: true, persons: [] }
  if (live === undefined) return nothing
  if (live.position !== made.position) return yield* commonHash(made, live)
  const { position } = made
  if (live.stateHash === made.stateHash) return { position, isSame: true, persons: [] }
  const rows = yield* sql<{ readonly person_id: string }>`
    select coalesce(a.person_id, b.person_id) as person_id
    from (select * from persons where edition = ${made.edition} and to_position is null) a
    full join (select * from persons where edition = ${live.edition} and to_position is null) b
      on a.person_id = b.person_id
    where (a.version, a.is_identified, a.created_at, a.properties::text)
      is distinct from (b.version, b.is_identified, b.created_at, b.properties::text)
    order by 1 limit ${namedMax}`
  return { position, isSame: false, persons: rows.map((row) => PersonId(row.person_id)) }
})
