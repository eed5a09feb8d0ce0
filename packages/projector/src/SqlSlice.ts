import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { ComponentId } from "@onymous/identity/Change"
import { DistinctId } from "@onymous/identity/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import type { JsonObject } from "@onymous/identity/Json"
import { PersonId } from "@onymous/identity/PersonId"
import { Position } from "@onymous/identity/Position"
import * as StateHash from "@onymous/identity/StateHash"
import * as Columns from "@onymous/log/Columns"
import type { Checkpoint } from "./Persons.ts"
import type { Slice } from "./Slice.ts"

interface MemberRow {
  readonly distinct_id: string
  readonly component: string
  readonly component_from: bigint | null
  readonly size: number | null
  readonly ids: string | null
  readonly person_id: string
  readonly version: number
  readonly properties: string
  readonly is_identified: boolean
  readonly created_at: Date
  readonly person_from: bigint
}

interface ConeRow {
  readonly distinct_id: string
  readonly cone: string
  readonly size: number
}

/**
 * Loads the slice of these ids with two statements, whatever their number. Lateral and
 * `offset 0` make each a look-up by key: a planner with old statistics would read whole projects,
 * and does even so by the index that lists persons, unless `project_id || ''` hides it.
 */
export const load = Effect.fnUntraced(function* (from: Checkpoint, ids: ReadonlySet<DistinctId>) {
  const sql = yield* SqlClient.SqlClient
  const wanted = Columns.texts([...ids])
  const members = yield* sql<MemberRow>`
    select wanted.distinct_id, m.component, c.from_position as component_from, c.size, c.ids,
      p.person_id, p.version, p.properties::text as properties, p.is_identified, p.created_at,
      p.from_position as person_from
    from unnest(${wanted}::text[]) as wanted (distinct_id)
    cross join lateral (
      select * from memberships where distinct_id = wanted.distinct_id
        and project_id = ${from.project} and to_position is null offset 0
    ) m
    left join lateral (
      select * from components where component = m.component
        and project_id = ${from.project} and to_position is null offset 0
    ) c on true
    cross join lateral (
      select * from persons where person_id = coalesce(c.person_id, m.component)
        and project_id || '' = ${from.project} and to_position is null offset 0
    ) p`
  const cones = yield* sql<ConeRow>`
    select wanted.distinct_id, m.cone, c.size
    from unnest(${wanted}::text[]) as wanted (distinct_id)
    cross join lateral (
      select * from cone_members
      where distinct_id = wanted.distinct_id and project_id = ${from.project} offset 0
    ) m
    cross join lateral (
      select * from cones where cone = m.cone and project_id = ${from.project} offset 0
    ) c`
  return fromRows(from, members, cones)
})

const fromRows = (
  from: Checkpoint,
  memberRows: ReadonlyArray<MemberRow>,
  coneRows: ReadonlyArray<ConeRow>,
): Slice => {
  const identity = Identity.empty(from.project, from.policy)
  identity.position = from.position
  identity.stateHash = StateHash.fromText(from.stateHash)
  const persons = new Map<PersonId, Position>()
  const rows = new Map<ComponentId, { from: Position; personId: PersonId }>()
  const loaded = new Map<ComponentId, Identity.Component>()
  for (const row of memberRows) {
    const id = DistinctId(row.distinct_id)
    const key = PersonId(row.component)
    const component = loaded.get(key) ?? toComponent(row)
    loaded.set(key, component)
    component.members.push(id)
    identity.components.set(id, component)
    persons.set(component.person.id, Position(Number(row.person_from)))
    if (row.component_from !== null) {
      rows.set(key, { from: Position(Number(row.component_from)), personId: component.person.id })
    }
  }
  const cones = new Map<DistinctId, DistinctId>()
  const loadedCones = new Map<string, Identity.Cone>()
  for (const row of coneRows) {
    const id = DistinctId(row.distinct_id)
    const cone = loadedCones.get(row.cone) ?? {
      id: DistinctId(row.cone),
      size: row.size,
      members: [],
    }
    loadedCones.set(row.cone, cone)
    cone.members.push(id)
    identity.cones.set(id, cone)
    cones.set(id, cone.id)
  }
  return {
    identity,
    stored: { persons, components: rows, inhabited: new Set(loaded.keys()), cones },
  }
}

const toComponent = (row: MemberRow): Identity.Component => {
  const properties: JsonObject = JSON.parse(row.properties)
  return {
    id: PersonId(row.component),
    person: {
      id: PersonId(row.person_id),
      version: row.version,
      properties,
      isIdentified: row.is_identified,
      createdAt: row.created_at.getTime(),
    },
    size: row.size ?? 1,
    ids:
      row.ids === null
        ? StateHash.ofDistinctId(DistinctId(row.distinct_id))
        : StateHash.fromText(row.ids),
    members: [],
    counted: undefined,
  }
}
