import { Effect } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Outcome, Place } from "../EventLog.ts"
import { codeOf } from "@onymous/database/ErrorText"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import * as EventRow from "./EventRow.ts"

/** A row as a driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** A statement for any driver of Postgres: its parameters are numbered, and each is a text. */
export interface Statement {
  readonly text: string
  readonly values: ReadonlyArray<string>
}

/**
 * How events of somebody's transaction get their places: at once, so that all other appends of the project wait
 * until the transaction ends, or after it is committed, so that nobody waits.
 */
export type Order = "locked" | "outbox"

/** More events at a time took Postgres longer for each. */
export const eventsMax = 2_000

const functions = { locked: "append", outbox: "enqueue" }

/**
 * The statement that appends events in the transaction in which it is run. It has a row for each event, in their
 * order, and none where there is no such project.
 */
export const statement = (
  schema: string,
  project: ProjectId,
  events: ReadonlyArray<Incoming>,
  order: Order,
): Statement => ({
  text: `select uuid, "position", added, "transaction" from "${schema}".${functions[order]}($1::text, $2::text::json)`,
  values: [project, EventRow.toJson(events)],
})

/** The place that a row tells, whatever its driver makes of numbers and truths; of `outbox`, there is none yet. */
export const placeOf = (row: Row): Place => ({
  position: Position(Number(row["position"])),
  isNew: row["added"] === true || row["added"] === "t",
})

/** The transaction that a row tells, by which `outcomes` knows it. */
export const transactionOf = (row: Row): string => String(row["transaction"])

/** What Postgres says of a transaction that it has not begun: another server had. */
const notBegun = "22023"

/**
 * What has become of transactions in which the statement was run. One of long ago has ended; one that this server has
 * never begun was lost with the server that did.
 */
export const outcomes = (sql: Sql, transactions: ReadonlyArray<string>) =>
  Effect.catchIf(
    outcomesOf(sql, transactions),
    (error) => codeOf(error) === notBegun,
    () =>
      Effect.forEach(transactions, (each) =>
        outcomesOf(sql, [each]).pipe(
          Effect.map(([outcome = "aborted"]) => outcome),
          Effect.catchIf(
            (error) => codeOf(error) === notBegun,
            () => Effect.succeed<Outcome>("aborted"),
          ),
        ),
      ),
  )

const outcomesOf = Effect.fn("EventLog.outcomes")(function* (
  sql: Sql,
  transactions: ReadonlyArray<string>,
) {
  const rows = yield* sql<{ readonly outcome: Outcome }>`
    select coalesce(txid_status(id::bigint), 'committed') as outcome
    from unnest(${PgArrays.texts(transactions)}::text[]) with ordinality as given (id, number)
    order by number`
  return rows.map(({ outcome }) => outcome)
})
