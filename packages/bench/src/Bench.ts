import { PgClient } from "@effect/sql-pg"
import { Data, Effect } from "effect"
import { randomUUID } from "node:crypto"
import { layer as databaseLayer } from "@onymous/database/Database"
import { layerSql } from "onymous/Services"
import * as Append from "./Append.ts"
import * as Fold from "./Fold.ts"
import * as Merge from "./Merge.ts"
import * as Projection from "./Projection.ts"
import * as Rebuild from "./Rebuild.ts"
import { median } from "./Scenario.ts"

/** How much is measured. */
export interface Sizes {
  /** Everything is measured once in each round. */
  readonly rounds: number
  /** The length of the log that is appended, projected and rebuilt. */
  readonly events: number
  /** The distinct ids of the log that is folded in memory. */
  readonly ids: number
  /** The ids of the persons that are merged. */
  readonly persons: ReadonlyArray<number>
  /** How often each of them is merged in a round. */
  readonly merges: number
}

const persons = [100, 10_000, 100_000]

export const quick: Sizes = { rounds: 3, events: 20_000, ids: 100_000, persons, merges: 10 }

export const full: Sizes = { rounds: 5, events: 100_000, ids: 1_000_000, persons, merges: 10 }

/** Where the figures come from: a medium value, the least and the most. */
export interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** What was measured, by name. */
export type Figures = Readonly<Record<string, Figure>>

/** The address is not one of a Postgres server. */
export class NotPostgres extends Data.TaggedError("NotPostgres")<{}> {
  override readonly message = "ONYMOUS_DATABASE_URL: expected postgres://…"
}

const measure = Effect.fnUntraced(function* (sizes: Sizes) {
  yield* Append.prepare
  const prepared = yield* Merge.prepare(sizes.persons)
  Fold.warm()
  const rounds: Array<Readonly<Record<string, number>>> = []
  for (let round = 0; round < sizes.rounds; round++) {
    const { project, figures } = yield* Append.measure(sizes.events, round)
    rounds.push({
      ...figures,
      ...(yield* Projection.measure(project, sizes.events)),
      ...(yield* Rebuild.measure(project, sizes.events)),
      ...Fold.measure(sizes.ids),
      ...(yield* Merge.measure(prepared, sizes.merges)),
    })
  }
  return summary(rounds)
})

const summary = (rounds: ReadonlyArray<Readonly<Record<string, number>>>): Figures => {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = rounds.map((round) => round[name] ?? Number.NaN)
      const figure = { median: median(values), least: Math.min(...values) }
      return [name, { ...figure, most: Math.max(...values) }]
    }),
  )
}

const administer = (url: string, statement: string) =>
  Effect.provide(
    Effect.flatMap(PgClient.PgClient, (sql) => sql.unsafe(statement)),
    databaseLayer(url),
  )

/** A database of its own on the server, gone afterwards: nobody's tables are touched. */
const onServer = Effect.fnUntraced(function* (url: string, sizes: Sizes) {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) return yield* new NotPostgres()
  const name = `onymous_bench_${randomUUID().replaceAll("-", "")}`
  const own = Object.assign(new URL(url), { pathname: `/${name}` }).href
  return yield* Effect.acquireUseRelease(
    administer(url, `create database ${name} template template0`),
    () => Effect.provide(measure(sizes), layerSql(own)),
    () => Effect.orDie(administer(url, `drop database if exists ${name} with (force)`)),
  )
})

/** Measures everything, on a Postgres server or, without one, on PGlite in memory. */
export const bench = (url: string | undefined, sizes: Sizes) =>
  Effect.suspend(() =>
    url === undefined ? Effect.provide(measure(sizes), layerSql("memory")) : onServer(url, sizes),
  )
