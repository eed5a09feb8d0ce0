import { Effect } from "effect"
import * as Transaction from "@onymous/database/sql/Transaction"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { rate } from "../load/Scenario.ts"

/** The tables of a first, naive projector: ids, persons and a checkpoint. */
export const prepare = Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* sql`create table naive_ids (
    project_id text, distinct_id text, person_id uuid not null, primary key (project_id, distinct_id))`
  yield* sql`create index on naive_ids (project_id, person_id)`
  yield* sql`create table naive_persons (
    project_id text, id uuid, properties jsonb not null, primary key (project_id, id))`
  yield* sql`create table naive_checkpoints (project_id text primary key, position bigint not null)`
})

interface EventRow {
  readonly position: number
  readonly uuid: string
  readonly distinct_id: string
  readonly source_id: string | null
  readonly facts: { readonly set?: Readonly<Record<string, unknown>> } | null
}

interface IdRow {
  readonly distinct_id: string
  readonly person_id: string
}

/** Joins the source to the person: adds a new id, or moves all ids of another person. */
const join = Effect.fnUntraced(function* (
  project: ProjectId,
  person: string,
  source: string,
  other: string | undefined,
) {
  const sql = yield* SchemaClient
  if (other === undefined) {
    yield* sql`insert into naive_ids values (${project}, ${source}, ${person}::uuid)`
  } else if (other !== person) {
    yield* sql`update naive_persons p set properties = o.properties || p.properties
      from naive_persons o where p.project_id = ${project} and p.id = ${person}::uuid
        and o.project_id = p.project_id and o.id = ${other}::uuid`
    yield* sql`update naive_ids set person_id = ${person}::uuid
      where project_id = ${project} and person_id = ${other}::uuid`
    yield* sql`delete from naive_persons where project_id = ${project} and id = ${other}::uuid`
  }
})

/** Reads the next event, loads the rows that it names, and writes them changed. */
const step = Effect.fnUntraced(function* (project: ProjectId, after: number) {
  const sql = yield* SchemaClient
  const [event] = yield* sql<EventRow>`
    select position, uuid, distinct_id, source_id, facts from ${sql.ours("events")}
    where project_id = ${project} and position > ${after} and kind = 'captured'
    order by position limit 1`
  if (event === undefined) return after
  const named = [event.distinct_id, event.source_id ?? event.distinct_id]
  const rows = yield* sql<IdRow>`select distinct_id, person_id from naive_ids
    where project_id = ${project} and distinct_id = any(${named}) for update`
  const personOf = new Map(rows.map((row) => [row.distinct_id, row.person_id]))
  const known = personOf.get(event.distinct_id)
  const person = known ?? event.uuid
  const set = event.facts?.set
  if (known === undefined) {
    yield* sql`insert into naive_persons
      values (${project}, ${person}::uuid, ${JSON.stringify(set ?? {})}::jsonb)`
    yield* sql`insert into naive_ids values (${project}, ${event.distinct_id}, ${person}::uuid)`
  } else if (set !== undefined) {
    yield* sql`update naive_persons set properties = properties || ${JSON.stringify(set)}::jsonb
      where project_id = ${project} and id = ${person}::uuid`
  }
  if (event.source_id !== null) {
    yield* join(project, person, event.source_id, personOf.get(event.source_id))
  }
  yield* sql`insert into naive_checkpoints values (${project}, ${event.position})
    on conflict (project_id) do update set position = excluded.position`
  return event.position
})

/**
 * Projects the first events of a project, each in a transaction of its own, up to `most` events or
 * the end of the time; returns events per second.
 */
export const project = Effect.fnUntraced(function* (
  project: ProjectId,
  most: number,
  seconds: number,
) {
  const sql = yield* SchemaClient
  const start = performance.now()
  let position = 0
  let done = 0
  while (done < most && performance.now() - start < seconds * 1000) {
    position = yield* Transaction.run(sql, step(project, position))
    done++
  }
  return rate(done, performance.now() - start)
})
