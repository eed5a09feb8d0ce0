import { Array as Arr, Effect } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import * as Transaction from "@onymous/database/sql/Transaction"
import { projectNotFound } from "../EventLog.ts"
import * as Append from "./Append.ts"
import * as HeadBehind from "./heads/HeadBehind.ts"
import * as HostAppend from "./HostAppend.ts"

/** Puts events into the inbox, all or none; a failure leaves the transaction around usable. */
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

/** The projects with events in their inbox; while all inboxes are empty, one look at an index suffices. */
export const projects = (sql: Sql) =>
  Effect.map(
    sql<{ readonly id: string }>`
      select id from ${sql.ours("projects")} p
      where exists (select from ${sql.ours("event_inbox")})
        and exists (select from ${sql.ours("event_inbox")} where project_id = p.id)
      order by id`,
    (rows) => rows.map(({ id }) => ProjectId(id)),
  )

/** Appends a page of the events of an inbox in their order; an event leaves the inbox in the transaction that appends it. */
export const drain = Effect.fn("EventLog.drain")(function* (sql: Sql, project: ProjectId) {
  const [row] = yield* sql<{ readonly count: number }>`
    select ${sql.ours("drain")}(${project}, ${HostAppend.eventsMax}::integer) as count`.pipe(
    HeadBehind.naming(sql, project),
  )
  const count = row?.count ?? 0
  return { count, hasMore: count >= HostAppend.eventsMax }
})
