import { InvalidInput } from "../errors/InvalidInput.ts"
import type { Executor, Row } from "./Executor.ts"

/*
 * What each driver calls its transaction, by the few methods that are used of it: no driver is a dependency. What is
 * no transaction is refused where the driver tells, because a statement on another connection would be committed by
 * itself: whatever becomes of the transaction, the event would be there.
 */

const check = (isTransaction: boolean, expected: string): void => {
  if (!isTransaction) throw new InvalidInput({ field: "in", expected })
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null

/** The rows of a result, which some drivers wrap. */
const rowsOf = (result: unknown): ReadonlyArray<Row> => {
  const rows = isRow(result) && !Array.isArray(result) ? result["rows"] : result
  return Array.isArray(rows) ? rows.filter(isRow) : []
}

const executor = (
  run: (text: string, values: Array<string>) => PromiseLike<unknown>,
): Executor => ({
  executeSql: async (text, values) => ({ rows: rowsOf(await run(text, [...values])) }),
})

/** A client of `pg` that has begun a transaction. */
export interface PgTransaction {
  query(text: string, values: Array<string>): PromiseLike<unknown>
}

/** Appends by a client of `pg` that has begun a transaction: the client, and not its pool. */
export const fromPg = (client: PgTransaction): Executor => {
  check(!("totalCount" in client), "the client on which the transaction has begun, not its pool")
  return executor((text, values) => client.query(text, values))
}

/** What `begin` of `postgres` hands to its function. */
export interface PostgresJsTransaction {
  unsafe(text: string, values: Array<string>): PromiseLike<unknown>
  savepoint: unknown
}

/** Appends by what `sql.begin` of `postgres` hands to its function. */
export const fromPostgresJs = (tx: PostgresJsTransaction): Executor => {
  check("savepoint" in tx, "what sql.begin hands to its function")
  return executor((text, values) => tx.unsafe(text, values))
}

/** What `db.transaction` of Drizzle hands to its function. */
export interface DrizzleTransaction<Query> {
  execute(query: Query): PromiseLike<unknown>
  rollback: unknown
}

/** The tag `sql` of Drizzle. */
export interface DrizzleSql<Query, Parameter> {
  raw(text: string): Query
  param(value: string): Parameter
  join(pieces: Array<Query | Parameter>): Query
}

/** Appends by what `db.transaction` of Drizzle hands to its function; `sql` is that of `drizzle-orm`. */
export const fromDrizzle = <Query, Parameter>(
  tx: DrizzleTransaction<Query>,
  sql: DrizzleSql<Query, Parameter>,
): Executor => {
  check("rollback" in tx, "what db.transaction hands to its function")
  return executor((text, values) => {
    const pieces = text.split(/\$(\d+)/).map((piece, index) =>
      // Every other piece is the number of a parameter.
      index % 2 === 0 ? sql.raw(piece) : sql.param(values[Number(piece) - 1] ?? ""),
    )
    return tx.execute(sql.join(pieces))
  })
}

/** What `execute` of a transaction of Kysely hands to its function. */
export interface KyselyTransaction<Query> {
  readonly isTransaction: boolean
  executeQuery(query: Query): PromiseLike<unknown>
}

/** `CompiledQuery` of Kysely. */
export interface KyselyCompiledQuery<Query> {
  raw(text: string, values: Array<string>): Query
}

/** Appends by a transaction of Kysely; `CompiledQuery` is that of `kysely`. */
export const fromKysely = <Query>(
  trx: KyselyTransaction<Query>,
  CompiledQuery: KyselyCompiledQuery<Query>,
): Executor => {
  check(trx.isTransaction, "what db.transaction().execute hands to its function")
  return executor((text, values) => trx.executeQuery(CompiledQuery.raw(text, values)))
}

/** What `transaction` of Knex hands to its function. */
export interface KnexTransaction {
  readonly isTransaction?: boolean
  raw(text: string, values: Array<string>): PromiseLike<unknown>
}

/** Appends by a transaction of Knex. */
export const fromKnex = (trx: KnexTransaction): Executor => {
  check(trx.isTransaction === true, "what knex.transaction hands to its function")
  return executor((text, values) => {
    const given = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => values[Number(number) - 1])
    return trx.raw(
      text.replace(/\$\d+/g, "?"),
      given.map((value) => value ?? ""),
    )
  })
}

/** What an interactive `$transaction` of Prisma hands to its function. */
export interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: Array<string>): PromiseLike<unknown>
}

/** Appends by what an interactive `$transaction` of Prisma hands to its function. */
export const fromPrisma = (tx: PrismaTransaction): Executor => {
  check(!("$connect" in tx), "what $transaction hands to its function")
  return executor((text, values) => tx.$queryRawUnsafe(text, ...values))
}
