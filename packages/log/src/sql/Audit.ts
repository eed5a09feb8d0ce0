import { Effect } from "effect"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { type Damage, projectNotFound } from "../EventLog.ts"
import * as Seal from "../Seal.ts"

/** How many events are read at a time, with their payloads. */
const pageSize = 250

/** The most bytes of payloads in a page: large events make short pages. */
const pageLengthMax = 8_000_000

/** How many positions are searched for seals at a time; the window grows until it has a whole commit. */
const windowSize = 10_000

interface Head {
  readonly position: number
  readonly unsealed: number
  readonly seal: string
}

/** The log under audit, up to its head. */
interface Stretch {
  readonly sql: Sql
  readonly project: ProjectId
  readonly head: Head
}

const damageAt = (position: number, reason: string, table: Damage["table"] = "events"): Damage => ({
  table,
  position: Position(position),
  reason,
})

const appended = Seal.appendedOf(
  "checksum",
  Seal.placeOf("position", Seal.microsecondsOf("recorded_at")),
)

interface ContentsRow extends Seal.Sealed {
  readonly position: number
  /**
   * The checksum when the event was appended, in digits, because an edit may have made it any number; null before
   * seals.
   */
  readonly appended: string | null
}

const readContents = ({ sql, project, head }: Stretch, after: number) => sql<ContentsRow>`
  select position, uuid, kind, name, distinct_id, source_id, client_timestamp, sent_at,
    client_offset, facts::text as facts, payload::text as payload,
    (${sql.literal(appended)})::text as appended
  from ${sql.ours("events")} e where project_id = ${project} and position > ${after}
    and position <= (
      select max(position) from (
        select position, sum(length) over (order by position) - length as before from (
          select position, octet_length(payload::text) as length from ${sql.ours("events")}
          where project_id = ${project} and position > ${after} and position <= ${head.position}
          order by position limit ${pageSize}
        ) page
      ) page where before < ${pageLengthMax}
    )
  order by e.position`

/** The first event that is missing, or is not as it was appended. */
const eventDamage = Effect.fnUntraced(function* (stretch: Stretch) {
  const { head } = stretch
  for (let after = 0; ;) {
    const rows = yield* readContents(stretch, after)
    for (const row of rows) {
      const { position } = row
      if (position !== after + 1) return damageAt(after + 1, "the event is missing")
      const isSealed = position > head.unsealed
      if (isSealed && row.appended !== `${Seal.checksumOf(row)}`) {
        return damageAt(position, "the event is not what was appended")
      }
      after = position
    }
    if (rows.length > 0) continue
    return after < head.position ? damageAt(after + 1, "the event is missing") : undefined
  }
})

interface CommitRow {
  readonly start: number
  readonly position: number
  readonly seal: string
  readonly is_same: boolean
}

const before = Seal.beforeOf("project", { seal: "commit.before", position: "commit.start" })

/** The commits that end in a range of positions, and whether their seals match their events. */
const readCommits = (
  { sql, project }: Stretch,
  after: { readonly position: number; readonly seal: string },
  until: number,
) => sql<CommitRow>`
  select commit.start, commit.position, encode(commit.seal, 'hex') as seal,
    coalesce(
      commit.seal = sha256(${sql.literal(before)} || array_send(events.checksums)), false) as is_same
  from (
    select position, seal, lag(position, 1, ${after.position}::bigint) over sealed as start,
      lag(seal, 1, decode(${after.seal}, 'hex')) over sealed as before
    from ${sql.ours("events")}
    where project_id = ${project} and position > ${after.position} and position <= ${until}
      and seal is not null
    window sealed as (order by position)
  ) commit
  join ${sql.ours("projects")} project on project.id = ${project}
  cross join lateral (
    select array_agg(${sql.literal(appended)} order by position) as checksums
    from ${sql.ours("events")}
    where project_id = ${project} and position > commit.start and position <= commit.position
  ) events
  order by commit.position`

/** The first commit whose seal does not match its events and the seal before. */
const sealDamage = Effect.fnUntraced(function* (stretch: Stretch) {
  const { head } = stretch
  let last = { position: head.unsealed, seal: "" }
  let size = windowSize
  while (last.position < head.position) {
    const until = Math.min(last.position + size, head.position)
    const commits = yield* readCommits(stretch, last, until)
    const wrong = commits.find(({ is_same }) => !is_same)
    const unsealed = commits.length === 0 && until === head.position
    if (wrong !== undefined || unsealed) {
      const [from, to] = [(wrong?.start ?? last.position) + 1, wrong?.position ?? head.position]
      return {
        until: to,
        damage: damageAt(from, `the events from ${from} to ${to} are not what was sealed`),
      }
    }
    last = commits.at(-1) ?? last
    size = commits.length === 0 ? size * 2 : windowSize
  }
  if (last.seal === head.seal) return undefined
  const reason = "the head has another seal than its log"
  return { until: head.position, damage: damageAt(head.position, reason, "projects") }
})

/** How the head differs from the last events; one statement reads both, because appends go on meanwhile. */
const headDamage = Effect.fnUntraced(function* ({ sql, project }: Stretch) {
  const [found] = yield* sql<{
    readonly position: number
    readonly is_later: boolean
    readonly beyond: number | null
  }>`
    select p.position, e.recorded_at is distinct from p.recorded_at as is_later,
      (select min(position) from ${sql.ours("events")}
        where project_id = p.id and position > p.position) as beyond
    from ${sql.ours("projects")} p
    left join ${sql.ours("events")} e on e.project_id = p.id and e.position = p.position
    where p.id = ${project}`
  if (found === undefined || found.position === 0) return undefined
  const { position, is_later, beyond } = found
  if (beyond !== null) return damageAt(beyond, "the event is beyond the head of its log")
  return is_later
    ? damageAt(position, "the head has another time than its last event", "projects")
    : undefined
})

/** The first damage of a project's log. Events from before the seals have no checksum to compare with. */
export const damage = Effect.fn("EventLog.damage")(function* (sql: Sql, project: ProjectId) {
  const [head] = yield* sql<Head>`
    select position, unsealed, encode(seal, 'hex') as seal
    from ${sql.ours("projects")} where id = ${project}`
  if (head === undefined) return yield* projectNotFound(project)
  const stretch = { sql, project, head }
  const ofEvents = yield* eventDamage(stretch)
  const ofSeals = yield* sealDamage(stretch)
  // Damage of an event has its exact position, damage of a seal only that of its commit.
  const isEventFirst = ofEvents !== undefined && ofEvents.position <= (ofSeals?.until ?? Infinity)
  if (isEventFirst) return ofEvents
  return ofSeals?.damage ?? (yield* headDamage(stretch))
})
