import { Effect, Result } from "effect"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { initial, type Checkpoint, type Stage } from "../../Checkpoint.ts"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as Transaction from "@onymous/database/sql/Transaction"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import * as DerivationVersion from "../../DerivationVersion.ts"
import * as DerivedTables from "../../rows/DerivedTables.ts"
import * as EditionId from "../../migrations/EditionId.ts"
import { PersonsError } from "../../PersonsError.ts"
import * as Partitions from "./Partitions.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

interface CheckpointRow {
  readonly edition: number
  readonly position: number
  readonly epoch: number
  readonly state_hash: string
  readonly policy: string
  readonly log_id: string
  readonly last_uuid: string | null
  readonly stage: Stage
  readonly derivation_version: number
}

const toCheckpoint = (project: ProjectId, row: CheckpointRow): Checkpoint => ({
  project,
  edition: `${row.edition}`,
  position: Position(row.position),
  epoch: row.epoch,
  stateHash: row.state_hash,
  // Only we write checkpoints: another form is a defect of ours.
  policy: Result.getOrThrow(PolicyChange.decodePolicy(ExactJson.parse(row.policy))),
  logId: row.log_id,
  lastUuid: row.last_uuid ?? undefined,
  stage: row.stage,
  version: row.derivation_version,
})

const columns =
  "edition, position, epoch, state_hash, policy::text as policy, log_id, last_uuid, stage, derivation_version"

/** The live edition of a project, as a part of a statement: what one statement reads is one edition. */
export const liveOf = (sql: Sql, project: ProjectId) =>
  sql`(select edition from ${sql.ours("checkpoints")} where project_id = ${project} and is_live)`

/** The checkpoint of the live edition. */
export const checkpoint = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<CheckpointRow>`
    select ${sql.literal(columns)} from ${sql.ours("checkpoints")} where project_id = ${project} and is_live`
  return rows[0] && toCheckpoint(project, rows[0])
})

/** Where nothing is derived, a checkpoint counts in any log. */
const logIdOfEmpty = (sql: Sql) => sql`
  log_id = case when checkpoints.position = 0 then excluded.log_id else checkpoints.log_id end`

/** Takes over the live edition: from now on nobody else's commit succeeds. */
export const claim = Effect.fnUntraced(function* (project: ProjectId, logId: string) {
  const sql = yield* SchemaClient
  const { stateHash, policy } = initial(project, logId)
  const rows = yield* sql<CheckpointRow>`
    insert into ${sql.ours("checkpoints")} (edition, project_id, is_live, position, epoch, state_hash, policy,
      log_id, stage, derivation_version)
    values (nextval(${sql.nameOf("editions")}::text::regclass), ${project}, true, 0, 1, ${stateHash},
      ${JSON.stringify(policy)}::text::json, ${logId}::text::uuid, 'ready', ${DerivationVersion.version})
    on conflict (project_id) where is_live do update
    set epoch = checkpoints.epoch + 1, ${logIdOfEmpty(sql)}
    returning ${sql.literal(columns)}`
  return toCheckpoint(project, rows[0] ?? (yield* Effect.die("A claim returns its row.")))
})

/** Gives the live edition back to whoever had it before a claim: nobody else has the epoch before. */
export const release = Effect.fnUntraced(function* ({ edition, epoch }: Checkpoint) {
  const sql = yield* SchemaClient
  yield* sql`update ${sql.ours("checkpoints")} set epoch = epoch - 1
    where edition = ${edition} and epoch = ${epoch} and is_live`
})

/**
 * So many editions may lie apart, those that are not freed yet among them. Every question plans for all partitions, and locks them: 90 locks with
 * these, 306 with 32, and a server has 6,400 for all that is asked at once.
 */
const apartMax = 8

const nextBeat = (sql: Sql) => sql`
  on conflict (edition) do update set beats = edition_beats.beats + 1, beaten_at = now()`

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
    select nextval(${sql.nameOf("editions")}::text::regclass) + case when ${isLong} and ${apartMax} > (
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
  return toCheckpoint(project, rows[0] ?? (yield* Effect.die("A claim returns its row.")))
})

/** The edition in the making, and a mark that changes while somebody makes it. */
export const making = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<CheckpointRow & { readonly beats: number }>`
    select ${sql.literal(columns)},
      coalesce((select beats from ${sql.ours("edition_beats")} b where b.edition = checkpoints.edition), 0) as beats
    from ${sql.ours("checkpoints")} where project_id = ${project} and not is_live`
  const [row] = rows
  return row && { checkpoint: toCheckpoint(project, row), mark: `${row.epoch} ${row.beats}` }
})

/**
 * Tells others that the edition in the making is not left alone: in a table of its own, since a long
 * commit holds the checkpoint.
 */
export const beat = Effect.fnUntraced(function* ({ edition, epoch }: Checkpoint) {
  const sql = yield* SchemaClient
  yield* sql`insert into ${sql.ours("edition_beats")} (edition, beats)
    select edition, 1 from ${sql.ours("checkpoints")}
    where edition = ${edition} and epoch = ${epoch} and not is_live
    ${nextBeat(sql)}`
})

/** Makes an edition that is loaded ready to be asked; killed meanwhile, it is only called again. */
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

/** Deleting scans the shared partitions: a sweep does it only for this many editions, or events of theirs. */
const worthReading = { editions: 64, events: 20_000 }

interface Retired {
  readonly edition: number
  readonly events: number
}

/** An edition in the making without a heartbeat for this long was left by a killed rebuild: it is retired. */
const leftMax = "1 day"

const retireLeft = Effect.gen(function* () {
  const sql = yield* SchemaClient
  // A rebuild that claims an edition locks its row: the sweep leaves it alone.
  yield* sql`with gone as (
    delete from ${sql.ours("checkpoints")} where edition in (
      select c.edition from ${sql.ours("checkpoints")} c join ${sql.ours("edition_beats")} b on b.edition = c.edition
      where not c.is_live and b.beaten_at < now() - ${leftMax}::text::interval
      for update of c skip locked
    ) returning edition, position
  ) insert into ${sql.ours("retired_editions")} (edition, events) select edition, position from gone`
})

/** Frees the room of editions that nobody asks any more: of those apart at once, of others when it is worth it. */
export const sweep = Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* retireLeft
  // An edition with a checkpoint is in use, whatever else says that it is retired.
  const rows = yield* sql<Retired>`select edition, events from ${sql.ours("retired_editions")}
    where edition not in (select edition from ${sql.ours("checkpoints")})`
  const isOfOne = ({ edition }: Retired) => EditionId.isApart(`${edition}`)
  const apart = rows.filter(isOfOne)
  const shared = rows.filter((row) => !isOfOne(row))
  const events = shared.reduce((sum, row) => sum + row.events, 0)
  const isWorthIt = shared.length >= worthReading.editions || events >= worthReading.events
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

const isClaimed = (row: Claimed | undefined, by: Checkpoint | undefined): boolean =>
  row === undefined || by === undefined
    ? row === by
    : `${row.edition}` === by.edition && row.epoch === by.epoch

/** Locks both checkpoints: nobody commits to either while they change places. */
export const publish = Effect.fnUntraced(function* (
  candidate: Checkpoint,
  live: Checkpoint | undefined,
) {
  const sql = yield* SchemaClient
  return yield* Transaction.run(
    sql,
    Effect.gen(function* () {
      const rows = yield* sql<Claimed>`
        select edition, epoch, stage from ${sql.ours("checkpoints")} where project_id = ${candidate.project}
        order by edition for update`
      const own = rows.find(({ edition }) => `${edition}` === candidate.edition)
      const other = rows.find(({ edition }) => `${edition}` !== candidate.edition)
      if (own?.stage !== "ready" || !isClaimed(own, candidate))
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

/** Retires the edition in the making, unless somebody else has taken it over. */
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
