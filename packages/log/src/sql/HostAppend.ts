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

/** A statement for any driver of Postgres, with numbered parameters that are texts. */
export interface Statement {
  readonly text: string
  readonly values: ReadonlyArray<string>
}

/**
 * How events of a host's transaction get their positions: `locked` at once, so that all other appends of the project
 * wait for the transaction's end; `outbox` after its commit, so that none waits.
 */
export type Order = "locked" | "outbox"

/** The most events of a statement: with more, Postgres took longer for each. */
export const eventsMax = 2_000

const functions = { locked: "append", outbox: "enqueue" }

/**
 * The statement that appends events within the transaction that runs it. It answers a row for each event, in their
 * order, and no row where the project does not exist.
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

/** The place in a row, whatever types its driver gives to numbers and booleans; with `outbox` there is none yet. */
export const placeOf = (row: Row): Place => ({
  position: Position(Number(row["position"])),
  isNew: row["added"] === true || row["added"] === "t",
})

/** The id of the transaction in a row, for `outcomes`. */
export const transactionOf = (row: Row): string => String(row["transaction"])

/** The SQLSTATE for a transaction id that this server has not given yet: another server gave it. */
const notBegun = "22023"

/**
 * The outcomes of transactions that ran the statement. Postgres has forgotten old ones, which count as committed. One
 * that this server never began counts as aborted, because it was lost with the server that began it.
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
