import { Effect } from "effect"
import type { ComponentId } from "@onymous/identity/state/Component"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import { PersonId } from "@onymous/identity/state/PersonId"
import { Position } from "@onymous/identity/event/Position"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as WaitingQueue from "@onymous/identity/state/WaitingQueue"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { partitionOf } from "../migrations/EditionId.ts"
import type { Checkpoint } from "../Checkpoint.ts"
import type { Wanted } from "../PersonStore.ts"
import type { Slice } from "../rows/LoadedSlice.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

interface MemberRow {
  readonly distinct_id: string
  readonly component: string
  readonly member_from: number
  readonly component_from: number | null
  readonly size: number | null
  readonly ids: string | null
  readonly first_id: string | null
  readonly first_seen: number | null
  readonly joined_since: number | null
  readonly joined_count: number | null
  readonly person_id: string
  readonly version: number
  readonly properties: string
  readonly is_identified: boolean
  readonly created_at: number
}

/** A fact about an id beside its person. */
interface NoteRow {
  readonly kind: "personless" | "generation" | "refusals"
  readonly distinct_id: string
  readonly count: number
  /** The position at which the id's last person was deleted. */
  readonly gone_at: number | null
}

/**
 * Loads the slice of a page by two statements, whatever its size. Lateral joins with `offset 0` force look-ups by
 * key, because a planner with stale statistics would read whole projects. For the same reason a person is looked up
 * by its newest version, and not in the index of all current persons.
 */
export const load = Effect.fnUntraced(function* (from: Checkpoint, wanted: Wanted) {
  const sql = yield* SchemaClient
  const { edition } = from
  const named = [...wanted.ids]
  const ids = wanted.isWhole ? yield* withAllOf(sql, edition, named) : named
  const members = yield* loadMembers(sql, edition, ids)
  const notes = yield* loadNotes(sql, from, ids, wanted)
  return fromRows(from, wanted, { members, notes })
})

const loadMembers = (sql: Sql, edition: string, ids: ReadonlyArray<string>) => sql<MemberRow>`
  select wanted.distinct_id, m.component, m.from_position as member_from,
    c.from_position as component_from, c.size, c.ids, c.first_id, c.first_seen, c.joined_since,
    c.joined_count, p.person_id, p.version, p.properties::text as properties, p.is_identified,
    p.created_at
  from unnest(${PgArrays.texts(ids)}::text[]) as wanted (distinct_id)
  cross join lateral (
    select * from ${sql.ours("memberships")} where distinct_id = wanted.distinct_id
      and edition = ${edition} and to_position is null offset 0
  ) m
  left join lateral (
    select * from ${sql.ours("components")} where component = m.component
      and edition = ${edition} and to_position is null offset 0
  ) c on true
  cross join lateral (
    select * from ${sql.ours(partitionOf("persons", edition))}
    where person_id = coalesce(c.person_id, m.component) and edition = ${edition}
    order by from_position desc limit 1
  ) p
  where p.to_position is null`

/** All distinct ids of the persons that these ids lead to. */
const withAllOf = Effect.fnUntraced(function* (
  sql: Sql,
  edition: string,
  ids: ReadonlyArray<DistinctId>,
) {
  const rows = yield* sql<{ readonly distinct_id: string }>`
    select distinct m.distinct_id
    from unnest(${PgArrays.texts(ids)}::text[]) as wanted (distinct_id)
    cross join lateral (
      select component from ${sql.ours("memberships")} where distinct_id = wanted.distinct_id
        and edition = ${edition} and to_position is null offset 0
    ) own
    cross join lateral (
      select distinct_id from ${sql.ours("memberships")} where component = own.component
        and edition = ${edition} and to_position is null offset 0
    ) m`
  return [...new Set([...ids, ...rows.map((row) => DistinctId(row.distinct_id))])]
})

/** Loads generations, refusals and personless uses of ids, the latter two only while the policy needs them. */
const loadNotes = (
  sql: Sql,
  { edition, policy }: Checkpoint,
  ids: ReadonlyArray<string>,
  { changesPolicy }: Wanted,
) => {
  const asksPersonless = changesPolicy || policy.personless_events
  const asksRefusals = changesPolicy || policy.guard_refusals_per_id !== "off"
  return sql<NoteRow>`
    with wanted as materialized (
      select * from unnest(${PgArrays.texts(ids)}::text[]) as w (distinct_id)
    )
    select 'generation' as kind, w.distinct_id, g.count, g.gone_at
    from wanted w cross join lateral (
      select generation as count, gone_at from ${sql.ours("generations")} where distinct_id = w.distinct_id
        and edition = ${edition} order by from_position desc limit 1
    ) g
    union all
    select 'personless' as kind, w.distinct_id, 0, null from wanted w cross join lateral (
      select 1 from ${sql.ours("personless_ids")} where ${asksPersonless} and distinct_id = w.distinct_id
        and edition = ${edition} and to_position is null offset 0
    ) p
    union all
    select 'refusals' as kind, w.distinct_id, r.count, null from wanted w cross join lateral (
      select count from ${sql.ours("refusals")} where ${asksRefusals} and distinct_id = w.distinct_id
        and edition = ${edition} offset 0
    ) r`
}

/**
 * All distinct ids of the cones that these ids are in. The recursion goes from an id to its component and along its
 * cone links, and from a component to its ids, and visits each once.
 */
export const conesOf = Effect.fnUntraced(function* (
  { edition }: Checkpoint,
  ids: ReadonlySet<DistinctId>,
) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly distinct_id: string }>`
    with recursive reached (distinct_id, component) as (
      select wanted.distinct_id collate "C", null::uuid
      from unnest(${PgArrays.texts([...ids])}::text[]) as wanted (distinct_id)
      union
      select next.distinct_id, next.component from reached cross join lateral (
        select null as distinct_id, component from ${sql.ours("memberships")}
        where distinct_id = reached.distinct_id and edition = ${edition} and to_position is null
        union all
        select distinct_id, null from ${sql.ours("memberships")}
        where component = reached.component and edition = ${edition} and to_position is null
        union all
        select high_id, null from ${sql.ours("cone_links")}
        where low_id = reached.distinct_id and edition = ${edition}
        union all
        select low_id, null from ${sql.ours("cone_links")}
        where high_id = reached.distinct_id and edition = ${edition}
        offset 0
      ) next
    )
    select distinct_id from reached where distinct_id is not null`
  return new Set(rows.map((row) => DistinctId(row.distinct_id)))
})

interface Loaded {
  readonly members: ReadonlyArray<MemberRow>
  readonly notes: ReadonlyArray<NoteRow>
}

const fromRows = (from: Checkpoint, wanted: Wanted, rows: Loaded): Slice => {
  const identity = Identity.empty(from.project, from.policy)
  identity.position = from.position
  identity.stateHash = StateHash.fromText(from.stateHash)
  for (const waiting of wanted.waiting) WaitingQueue.add(identity.waiting, waiting)
  const components = addMembers(identity, rows.members)
  return { identity, stored: { ...components, generations: addNotes(identity, rows.notes) } }
}

const addNotes = (identity: Identity.Identity, notes: ReadonlyArray<NoteRow>) => {
  for (const { kind, distinct_id, count, gone_at } of notes) {
    const id = DistinctId(distinct_id)
    if (kind === "personless") identity.personless.add(id)
    else if (kind === "refusals") identity.refusals.set(id, count)
    else identity.generations.set(id, count)
    if (gone_at !== null) identity.goneAt.set(id, Position(gone_at))
  }
  return new Map(identity.generations)
}

const addMembers = (identity: Identity.Identity, memberRows: ReadonlyArray<MemberRow>) => {
  const rows = new Map<ComponentId, { from: Position; personId: PersonId }>()
  const loaded = new Map<ComponentId, Identity.Component>()
  for (const row of memberRows) {
    const id = DistinctId(row.distinct_id)
    const key = PersonId(row.component)
    const component = loaded.get(key) ?? toComponent(row)
    loaded.set(key, component)
    component.members.push(id)
    identity.components.set(id, component)
    if (row.component_from !== null) {
      rows.set(key, { from: Position(row.component_from), personId: component.person.id })
    }
  }
  return { components: rows, inhabited: new Set(loaded.keys()) }
}

const toComponent = (row: MemberRow): Identity.Component => {
  return {
    id: PersonId(row.component),
    person: {
      id: PersonId(row.person_id),
      version: row.version,
      properties: ExactJson.parseObject(row.properties),
      isIdentified: row.is_identified,
      createdAt: row.created_at,
    },
    size: row.size ?? 1,
    ids: row.ids === null ? undefined : StateHash.fromText(row.ids),
    members: [],
    first: DistinctId(row.first_id ?? row.distinct_id),
    firstSeen: Position(row.first_seen ?? row.member_from),
    joined:
      row.joined_since === null || row.joined_count === null
        ? undefined
        : { since: row.joined_since, count: row.joined_count },
    counted: undefined,
    isSettled: true,
  }
}
