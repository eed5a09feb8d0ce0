import { Array as Arr, Effect } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import * as Transaction from "@onymous/database/sql/Transaction"
import { projectNotFound } from "../EventLog.ts"
import * as Append from "./Append.ts"
import * as HostAppend from "./HostAppend.ts"

/** Puts events where they wait for a place: all of them or none, which leaves a transaction around as it was. */
export const put = Effect.fn("EventLog.enqueue")(function* (
  sql: Sql,
  project: ProjectId,
  incoming: Arr.NonEmptyReadonlyArray<Incoming>,
) {
  const putChunk = Effect.fnUntraced(function* (chunk: ReadonlyArray<Incoming>) {
    const { text, values } = HostAppend.statement(sql.schema, project, chunk, "outbox")
    const rows = yield* sql.unsafe(text, values)
    if (rows.length === 0) return yield* projectNotFound(project)
  })
  const chunks = Arr.chunksOf(incoming, HostAppend.eventsMax)
  const all = Transaction.run(sql, Effect.forEach(chunks, putChunk, { discard: true }))
  yield* Append.refusing(sql, project, incoming)(all)
})

/** The projects for which events wait: where none wait for any, one look at an empty index says so. */
export const projects = (sql: Sql) =>
  Effect.map(
    sql<{ readonly id: string }>`
      select id from ${sql.ours("projects")} p
      where exists (select from ${sql.ours("event_inbox")})
        and exists (select from ${sql.ours("event_inbox")} where project_id = p.id)
      order by id`,
    (rows) => rows.map(({ id }) => ProjectId(id)),
  )

/**
 * Appends the events that wait, in the order in which they were put there, in one transaction: each leaves the
 * inbox as it comes into the log.
 */
export const drain = Effect.fn("EventLog.drain")(function* (sql: Sql, project: ProjectId) {
  let drained = 0
  while (true) {
    const [row] = yield* sql<{ readonly count: number }>`
      select ${sql.ours("drain")}(${project}, ${HostAppend.eventsMax}::integer) as count`
    const count = row?.count ?? 0
    drained += count
    if (count < HostAppend.eventsMax) return drained
  }
})
