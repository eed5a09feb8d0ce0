import { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { layer as databaseLayer } from "@onymous/database/Database"
import { layerSql } from "onymous/Services"
import * as Append from "./Append.ts"
import * as Fold from "./Fold.ts"
import * as Projection from "./Projection.ts"

const onDatabase = Effect.fnUntraced(function* (location: string, count: number, rounds: number) {
  const measured = Effect.gen(function* () {
    return { ...(yield* Append.measure(count, rounds)), ...(yield* Projection.measure(count)) }
  })
  return yield* Effect.provide(measured, layerSql(location))
})

const administer = (location: string, statement: string) =>
  Effect.provide(
    Effect.flatMap(PgClient.PgClient, (sql) => sql.unsafe(statement)),
    databaseLayer(location),
  )

/** On a database of its own on the server, gone afterwards: nobody's tables are touched. */
const onServer = Effect.fnUntraced(function* (location: string, count: number, rounds: number) {
  const name = `onymous_bench_${randomUUID().replaceAll("-", "")}`
  yield* administer(location, `create database ${name}`)
  const own = new URL(location)
  own.pathname = name
  return yield* onDatabase(own.href, count, rounds).pipe(
    Effect.ensuring(Effect.ignore(administer(location, `drop database ${name} with (force)`))),
  )
})

/** All figures of one run. */
export const bench = Effect.fnUntraced(function* (location: string, count: number, rounds: number) {
  const merges = Fold.measureMerge([100, 10_000, 100_000])
  const fold = Fold.measure(count * 2)
  const sql = yield* location === "memory"
    ? onDatabase(location, count, rounds)
    : onServer(location, count, rounds)
  return {
    ...sql,
    ...fold,
    merge_100_ids_ms: merges.get(100) ?? Number.NaN,
    merge_10k_ids_ms: merges.get(10_000) ?? Number.NaN,
    merge_100k_ids_ms: merges.get(100_000) ?? Number.NaN,
    merge_100k_vs_100: (merges.get(100_000) ?? Number.NaN) / (merges.get(100) ?? Number.NaN),
  }
})
