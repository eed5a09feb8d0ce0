import { PgTypes } from "@effect/sql-pg"
import { Context, Effect, Option, Result, Stream } from "effect"
import type { SqlClient, SqlConnection } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { isDeepStrictEqual } from "node:util"
import * as PgArrays from "./PgArrays.ts"

/** A 64-bit integer as the driver has it by itself. */
const bigOf = (value: unknown): unknown => (typeof value === "number" ? BigInt(value) : value)

/** A parameter as a connection takes it that knows none of our codecs. */
const sent = (parameter: unknown): unknown => {
  if (!PgTypes.isParameter(parameter)) return parameter
  const { oid, value } = parameter
  if (oid === PgTypes.OID.int8 && typeof value === "number") return PgTypes.int8(BigInt(value))
  if (oid !== PgTypes.OID.int8Array || !Array.isArray(value)) return parameter
  return Result.getOrThrow(PgTypes.array(value.map(bigOf), PgTypes.OID.int8))
}

/** A value as our codecs read it. */
const received = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (value instanceof Date) return value.getTime()
  return Array.isArray(value) ? value.map(received) : value
}

const rowOf = (row: object): object =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, received(value)]))

const rowsOf = (rows: ReadonlyArray<object>) => rows.map(rowOf)

/**
 * The connection of a host's transaction, with values as ours have them. Its statements have no name, so that each
 * is planned for its own values, as our settings make it on connections of our own.
 */
const translated = (connection: SqlConnection.Connection): SqlConnection.Connection => {
  const rows = (sql: string, params: ReadonlyArray<unknown>) =>
    Effect.map(connection.executeUnprepared(sql, params.map(sent), undefined), rowsOf)
  const values = (sql: string, params: ReadonlyArray<unknown>) =>
    Effect.map(connection.executeValuesUnprepared(sql, params.map(sent)), (all) =>
      all.map((row) => row.map(received)),
    )
  return {
    execute: rows,
    executeUnprepared: rows,
    executeRaw: (sql, params) => connection.executeRaw(sql, params.map(sent)),
    executeValues: values,
    executeValuesUnprepared: values,
    executeStream: (sql, params) =>
      Stream.map(connection.executeStream(sql, params.map(sent), undefined), rowOf),
  }
}

/** The transaction of a client that is around, if one is. */
const around = ({ transactionService }: SqlClient.SqlClient) =>
  Effect.map(Effect.context<never>(), (context) => Context.getOption(context, transactionService))

/** Takes the connection of the host's transaction where one is around, and one of ours where none is. */
export const acquirer = (
  host: SqlClient.SqlClient,
  own: SqlConnection.Acquirer,
): SqlConnection.Acquirer =>
  Effect.flatMap(around(host), (found) =>
    Option.isSome(found) ? Effect.succeed(translated(found.value[0])) : own,
  )

/** True where a transaction of the host is around. */
export const isAround = (host: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.map(around(host), Option.isSome)

/** How Effect names what a transaction has in the context: its connection, and the lock of its savepoints. */
const ofTransactions = "effect/sql/SqlClient/Transaction"

/** Runs an effect with nothing of a transaction that is around it: what it begins may outlive that. */
export const outside = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.updateContext(effect, ({ mapUnsafe }: Context.Context<never>) =>
    Context.makeUnsafe<never>(
      new Map([...mapUnsafe].filter(([name]) => !name.startsWith(ofTransactions))),
    ),
  )

/** Values of each type whose form depends on the codecs of a client. */
const sample = {
  number: 9_007_199_254_740_991,
  numbers: [1, null],
  time: 1_577_836_800_123,
  times: [1_577_836_800_123],
  truth: true,
  texts: ["a", null],
  uuid: "018f3c1e-0000-7000-8000-000000000001",
}

/** What a client of somebody else is. */
export interface Found {
  /** It has a Postgres in its own process, which has no second session. */
  readonly isEmbedded: boolean
  /** Values cross its wire as our statements need them. */
  readonly isUnderstood: boolean
}

/** Finds out what a client of somebody else is. */
export const look = (host: SqlClient.SqlClient): Effect.Effect<Found, SqlError> =>
  Effect.gen(function* () {
    const connection = translated(yield* host.reserve)
    const [server] = yield* connection.execute("select version() as version", [], undefined)
    const rows = yield* connection
      .execute(
        `select $1::bigint as number, $2::bigint[] as numbers, $3::timestamptz as time, $4::timestamptz[] as times,
          $5::boolean as truth, $6::text[] as texts, $7::text::uuid as uuid`,
        [
          sample.number,
          PgArrays.positions(sample.numbers),
          PgTypes.timestamptz(sample.time),
          PgArrays.times(sample.times),
          sample.truth,
          PgArrays.texts(sample.texts),
          sample.uuid,
        ],
        undefined,
      )
      .pipe(Effect.orElseSucceed(() => []))
    return {
      isEmbedded: /\bemcc\b/.test(String(server?.version)),
      isUnderstood: isDeepStrictEqual(rows, [sample]),
    }
  }).pipe(Effect.scoped)
