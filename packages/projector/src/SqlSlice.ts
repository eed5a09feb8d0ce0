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

/** Loads the slice of these ids with two statements, whatever their number. */
export const load = Effect.fnUntraced(function* (from: Checkpoint, ids: ReadonlySet<DistinctId>) {
  const sql = yield* SqlClient.SqlClient
  const wanted = Columns.texts([...ids])
  const members = yield* sql<MemberRow>`
    select m.distinct_id, m.component, c.from_position as component_from, c.size, c.ids,
      p.person_id, p.version, p.properties::text as properties, p.is_identified, p.created_at,
      p.from_position as person_from
    from unnest(${wanted}::text[]) as wanted (distinct_id)
    join memberships m on m.project_id = ${from.project} and m.distinct_id = wanted.distinct_id
      and m.to_position is null
    left join components c on c.project_id = ${from.project} and c.component = m.component
      and c.to_position is null
    join persons p on p.project_id = ${from.project}
      and p.person_id = coalesce(c.person_id, m.component) and p.to_position is null`
  const cones = yield* sql<ConeRow>`
    select m.distinct_id, m.cone, c.size
    from unnest(${wanted}::text[]) as wanted (distinct_id)
    join cone_members m on m.project_id = ${from.project} and m.distinct_id = wanted.distinct_id
    join cones c on c.project_id = ${from.project} and c.cone = m.cone`
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
