import { Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { initial, type Checkpoint, type Stage, type StoredCheckpoint } from "../../Checkpoint.ts"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as Transaction from "@onymous/database/sql/Transaction"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import * as DerivationVersion from "../../DerivationVersion.ts"
import * as DerivedTables from "../../rows/DerivedTables.ts"
import * as EditionId from "../../migrations/EditionId.ts"
import { PersonsError } from "../../PersonsError.ts"
import {
  type CheckpointRow,
  columns,
  toCandidate,
  toCheckpoint,
  toStored,
} from "./CheckpointRow.ts"
import * as EditionNumber from "./EditionNumber.ts"
import * as Partitions from "./Partitions.ts"

/** The live edition of a project, as part of a statement, so that the statement reads one edition. */
export const liveOf = (sql: Sql, project: ProjectId) =>
  sql`(select edition from ${sql.ours("checkpoints")} where project_id = ${project} and is_live)`

const liveRow = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<CheckpointRow>`
    select ${sql.literal(columns)} from ${sql.ours("checkpoints")} where project_id = ${project} and is_live`
  return rows[0]
})

/** The checkpoint of the live edition; fails where its policy is none. */
export const checkpoint = Effect.fnUntraced(function* (project: ProjectId) {
  const row = yield* liveRow(project)
  return row && (yield* toCheckpoint(project, row))
})

/** The checkpoint of the live edition, also where its policy is none. */
export const live = Effect.fnUntraced(function* (project: ProjectId) {
  const row = yield* liveRow(project)
  return row && toStored(project, row)
})

/** A checkpoint at 0 fits any log, because no event is derived yet. */
const logIdOfEmpty = (sql: Sql) => sql`
  log_id = case when checkpoints.position = 0 then excluded.log_id else checkpoints.log_id end`

/** Takes over the live edition: from now on no other projector's commit succeeds. */
export const claim = Effect.fnUntraced(function* (project: ProjectId, logId: string) {
  const sql = yield* SchemaClient
  const { stateHash, policy } = initial(project, logId)
  const rows = yield* sql<CheckpointRow>`
    insert into ${sql.ours("checkpoints")} (edition, project_id, is_live, position, epoch, state_hash, policy,
      log_id, stage, derivation_version)
    values (${EditionNumber.next(sql)}, ${project}, true, 0, 1, ${stateHash},
      ${JSON.stringify(policy)}::text::json, ${logId}::text::uuid, 'ready', ${DerivationVersion.version})
    on conflict (project_id) where is_live do update
    set epoch = checkpoints.epoch + 1, ${logIdOfEmpty(sql)}
    returning ${sql.literal(columns)}`
  return yield* toCheckpoint(project, rows[0] ?? (yield* Effect.die("A claim returns its row.")))
})

/** Takes over the live edition, also where its policy is none; undefined where the project has no live edition. */
export const fence = Effect.fnUntraced(function* (project: ProjectId, logId: string) {
  const sql = yield* SchemaClient
  const [row] = yield* sql<CheckpointRow>`
    update ${sql.ours("checkpoints")} set epoch = epoch + 1,
      log_id = case when position = 0 then ${logId}::text::uuid else log_id end
    where project_id = ${project} and is_live returning ${sql.literal(columns)}`
  return row && toStored(project, row)
})

/** Gives the live edition back to its owner before the claim, which alone has the epoch before. */
export const release = Effect.fnUntraced(function* ({ edition, epoch }: StoredCheckpoint) {
  const sql = yield* SchemaClient
  yield* sql`update ${sql.ours("checkpoints")} set epoch = epoch - 1
    where edition = ${edition} and epoch = ${epoch} and is_live`
})

/**
 * At most this many editions lie apart, retired ones among them, because every question plans for all partitions
 * and locks them: 90 locks with 8 editions, 306 with 32, of the 6,400 that a server has for all its questions.
 */
const apartMax = 8

const nextBeat = (sql: Sql) => sql`
  on conflict (edition) do update set beats = edition_beats.beats + 1, beaten_at = now()`

/**
 * True for a role that may make and attach partitions. Another role has its editions among the others' rows, where a
 * long log takes longer.
 */
const mayPartition = (sql: Sql) => sql`exists (
  select 1 from pg_class where oid = ${sql.nameOf("persons")}::text::regclass and pg_has_role(relowner, 'usage')
    and has_schema_privilege(relnamespace, 'create'))`

/** Takes over the edition in the making, or begins one. */
export const claimEdition = Effect.fnUntraced(function* (
  project: ProjectId,
  logId: string,
  { isLong }: { readonly isLong: boolean } = { isLong: false },
) {
  const sql = yield* SchemaClient
  const { stateHash, policy } = initial(project, logId)
  const rows = yield* sql<CheckpointRow>`with claimed as (
    insert into ${sql.ours("checkpoints")} (edition, project_id, is_live, position, epoch, state_hash, policy,
      log_id, stage, derivation_version)
    select ${EditionNumber.next(sql)} + case when ${isLong} and ${mayPartition(sql)} and ${apartMax} > (
        select count(*) from (
          select edition from ${sql.ours("checkpoints")} union all select edition from ${sql.ours("retired_editions")}
        ) known where edition >= ${EditionId.apartFrom}
      ) then ${EditionId.apartFrom}::bigint else 0 end, ${project}, false, 0, 1, ${stateHash},
      ${JSON.stringify(policy)}::text::json, ${logId}::text::uuid, 'loading',
      ${DerivationVersion.version}
    on conflict (project_id) where not is_live do update
    set epoch = checkpoints.epoch + 1, ${logIdOfEmpty(sql)}
    returning ${sql.literal(columns)}
    ), beaten as (
      insert into ${sql.ours("edition_beats")} (edition, beats) select edition, 1 from claimed ${nextBeat(sql)}
    ) select * from claimed`
  return toCandidate(project, rows[0] ?? (yield* Effect.die("A claim returns its row.")))
})

/** The edition in the making, and a mark that changes while a rebuild works on it. */
export const making = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<CheckpointRow & { readonly beats: number }>`
    select ${sql.literal(columns)},
      coalesce((select beats from ${sql.ours("edition_beats")} b where b.edition = checkpoints.edition), 0) as beats
    from ${sql.ours("checkpoints")} where project_id = ${project} and not is_live`
  const [row] = rows
  return row && { checkpoint: toCandidate(project, row), mark: `${row.epoch} ${row.beats}` }
})

/** Writes a heartbeat, into a table of its own because a long commit locks the row of the checkpoint. */
export const beat = Effect.fnUntraced(function* ({ edition, epoch }: Checkpoint) {
  const sql = yield* SchemaClient
  yield* sql`insert into ${sql.ours("edition_beats")} (edition, beats)
    select edition, 1 from ${sql.ours("checkpoints")}
    where edition = ${edition} and epoch = ${epoch} and not is_live
    ${nextBeat(sql)}`
})

/** Makes a loaded edition ready; after a kill, the next call completes it. */
export const seal = Effect.fnUntraced(function* (candidate: Checkpoint) {
  const sql = yield* SchemaClient
  if (EditionId.isApart(candidate.edition)) {
    yield* Partitions.attachAll(candidate.edition, DerivedTables.names)
  }
  const rows = yield* sql`update ${sql.ours("checkpoints")} set stage = 'ready'
    where edition = ${candidate.edition} and epoch = ${candidate.epoch} returning edition`
  if (rows.length === 0) return yield* fenced(candidate.project)
  const ready: Checkpoint = { ...candidate, stage: "ready" }
  return ready
})

/** A sweep deletes from shared partitions only for this many editions or events, because deleting scans them. */
const sharedSweepMin = { editions: 64, events: 20_000 }

interface Retired {
  readonly edition: number
  readonly events: number
}

/** An edition in the making without a heartbeat for this long was abandoned by a killed rebuild: it is retired. */
const abandonedAfter = "1 day"

const retireAbandoned = Effect.gen(function* () {
  const sql = yield* SchemaClient
  // A rebuild that claims an edition locks its row: the sweep leaves it alone.
  yield* sql`with gone as (
    delete from ${sql.ours("checkpoints")} where edition in (
      select c.edition from ${sql.ours("checkpoints")} c join ${sql.ours("edition_beats")} b on b.edition = c.edition
      where not c.is_live and b.beaten_at < now() - ${abandonedAfter}::text::interval
      for update of c skip locked
    ) returning edition, position
  ) insert into ${sql.ours("retired_editions")} (edition, events) select edition, position from gone`
})

/** Frees the room of retired editions: those apart at once, those in shared partitions when they are enough. */
export const sweep = Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* retireAbandoned
  // An edition with a checkpoint is in use, even if it is also listed as retired.
  const rows = yield* sql<Retired>`select edition, events from ${sql.ours("retired_editions")}
    where edition not in (select edition from ${sql.ours("checkpoints")})`
  const isApart = ({ edition }: Retired) => EditionId.isApart(`${edition}`)
  const apart = rows.filter(isApart)
  const shared = rows.filter((row) => !isApart(row))
  const events = shared.reduce((sum, row) => sum + row.events, 0)
  const isWorthIt = shared.length >= sharedSweepMin.editions || events >= sharedSweepMin.events
  for (const { edition } of apart) yield* Partitions.drop(`${edition}`)
  const freed = (isWorthIt ? rows : apart).map(({ edition }) => edition)
  if (isWorthIt) yield* Partitions.deleteShared(shared.map(({ edition }) => edition))
  if (freed.length === 0) return
  const gone = sql`any(${PgArrays.positions(freed)}::bigint[])`
  yield* sql`delete from ${sql.ours("retired_editions")} where edition = ${gone}`
  yield* sql`delete from ${sql.ours("edition_beats")} where edition = ${gone}`
})

const fenced = (project: ProjectId) => new PersonsError({ reason: { _tag: "Fenced", project } })

interface Claimed {
  readonly edition: number
  readonly epoch: number
  readonly stage: Stage
}

const isClaimed = (row: Claimed | undefined, by: StoredCheckpoint | undefined): boolean =>
  row === undefined || by === undefined
    ? row === by
    : `${row.edition}` === by.edition && row.epoch === by.epoch

/** Replaces the live edition. Both checkpoints are locked first, so that no page is committed to either meanwhile. */
export const publish = Effect.fnUntraced(function* (
  candidate: Checkpoint,
  live: StoredCheckpoint | undefined,
) {
  const sql = yield* SchemaClient
  return yield* Transaction.run(
    sql,
    Effect.gen(function* () {
      const rows = yield* sql<Claimed>`
        select edition, epoch, stage from ${sql.ours("checkpoints")} where project_id = ${candidate.project}
        order by edition for update`
      const ours = rows.find(({ edition }) => `${edition}` === candidate.edition)
      const other = rows.find(({ edition }) => `${edition}` !== candidate.edition)
      if (ours?.stage !== "ready" || !isClaimed(ours, candidate))
        return yield* fenced(candidate.project)
      if (!isClaimed(other, live)) return "moved" as const
      const epoch = Math.max(candidate.epoch, live?.epoch ?? 0) + 1
      yield* sql`with gone as (
        delete from ${sql.ours("checkpoints")} where project_id = ${candidate.project} and is_live
        returning edition, position
      ) insert into ${sql.ours("retired_editions")} (edition, events) select edition, position from gone`
      yield* sql`update ${sql.ours("checkpoints")} set is_live = true, epoch = ${epoch}
        where edition = ${candidate.edition}`
      return "published" as const
    }),
  )
})

/** Retires the edition in the making, unless another rebuild has taken it over; answers whether it did. */
export const discard = Effect.fnUntraced(function* (candidate: Checkpoint) {
  const sql = yield* SchemaClient
  const retired = yield* sql`with gone as (
    delete from ${sql.ours("checkpoints")}
    where edition = ${candidate.edition} and epoch = ${candidate.epoch} and not is_live
    returning edition, position
  ) insert into ${sql.ours("retired_editions")} (edition, events) select edition, position from gone
    returning edition`
  return retired.length > 0
})
