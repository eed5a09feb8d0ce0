import { sql as drizzleSql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-postgres"
import knex from "knex"
import { CompiledQuery, Kysely, PostgresDialect, sql as kyselySql } from "kysely"
import pg from "pg"
import postgres from "postgres"
import type { Executor } from "onymous"
import * as Adapters from "onymous/adapters"
import { prismaClient } from "./prismaClient.ts"

/** A transaction of a host: what Onymous takes, and what the host writes itself. */
export interface HostTransaction {
  readonly executor: Executor
  readonly order: (id: number) => Promise<unknown>
}

/** What a host has of its database. */
export interface Driver {
  readonly transaction: (work: (transaction: HostTransaction) => Promise<void>) => Promise<void>
  /** Gives the adapter the driver's client instead of a transaction; the adapter refuses it. */
  readonly outside: () => Executor
  readonly close: () => Promise<unknown>
}

const insert = "insert into orders (id) values ($1)"

const withPg = (url: string): Driver => {
  const pool = new pg.Pool({ connectionString: url })
  return {
    transaction: async (work) => {
      const client = await pool.connect()
      try {
        await client.query("begin")
        await work({
          executor: Adapters.fromPg(client),
          order: (id) => client.query(insert, [id]),
        })
        await client.query("commit")
      } catch (error) {
        await client.query("rollback")
        throw error
      } finally {
        client.release()
      }
    },
    outside: () => Adapters.fromPg(pool),
    close: () => pool.end(),
  }
}

const withPostgresJs = (url: string): Driver => {
  const sql = postgres(url, { transform: postgres.camel })
  return {
    transaction: async (work) => {
      await sql.begin((tx) =>
        work({
          executor: Adapters.fromPostgresJs(tx),
          order: (id) => tx.unsafe(insert, [id]),
        }),
      )
    },
    outside: () => Adapters.fromPostgresJs(Object.assign(sql)),
    close: () => sql.end(),
  }
}

const withDrizzle = (url: string): Driver => {
  const pool = new pg.Pool({ connectionString: url })
  const db = drizzle(pool)
  return {
    transaction: (work) =>
      db.transaction((tx) =>
        work({
          executor: Adapters.fromDrizzle(tx, drizzleSql),
          order: (id) => tx.execute(drizzleSql`insert into orders (id) values (${id})`).execute(),
        }),
      ),
    outside: () => Adapters.fromDrizzle(Object.assign(db), drizzleSql),
    close: () => pool.end(),
  }
}

const withKysely = (url: string): Driver => {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  })
  return {
    transaction: (work) =>
      db.transaction().execute((trx) =>
        work({
          executor: Adapters.fromKysely(trx, CompiledQuery),
          order: (id) => kyselySql`insert into orders (id) values (${id})`.execute(trx),
        }),
      ),
    outside: () => Adapters.fromKysely(db, CompiledQuery),
    close: () => db.destroy(),
  }
}

const withKnex = (url: string): Driver => {
  const db = knex({ client: "pg", connection: url })
  return {
    transaction: (work) =>
      db.transaction((trx) =>
        work({
          executor: Adapters.fromKnex(trx),
          order: async (id) => trx.raw("insert into orders (id) values (?)", [id]),
        }),
      ),
    outside: () => Adapters.fromKnex(db),
    close: () => db.destroy(),
  }
}

/** What a transaction of Prisma has, for a schema that has orders. */
interface OrdersTransaction extends Adapters.PrismaTransaction {
  readonly order: { create(row: { readonly data: { readonly id: number } }): Promise<unknown> }
}

const withPrisma = (url: string): Driver => {
  const prisma = prismaClient(url)
  return {
    transaction: (work) =>
      prisma.$transaction((tx: OrdersTransaction) =>
        work({
          executor: Adapters.fromPrisma(tx),
          order: (id) => tx.order.create({ data: { id } }),
        }),
      ),
    outside: () => Adapters.fromPrisma(prisma),
    close: () => prisma.$disconnect(),
  }
}

/** Each driver for which there is an adapter, by its name. */
export const drivers = {
  pg: withPg,
  postgres: withPostgresJs,
  drizzle: withDrizzle,
  kysely: withKysely,
  knex: withKnex,
  prisma: withPrisma,
}
