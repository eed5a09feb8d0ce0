import { PgClient } from "@effect/sql-pg"
import { Console, Context, Data, Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { Database, layer as databaseLayer } from "@onymous/database/Database"
import { isServer } from "@onymous/database/DatabaseLocation"
import { layerSql } from "onymous/OnymousLayer"
import * as AppendRate from "./measures/AppendRate.ts"
import * as RebuildBeside from "./beside/RebuildBeside.ts"
import * as CaptureRate from "./measures/CaptureRate.ts"
import * as Emmett from "./baselines/Emmett.ts"
import * as FoldRate from "./measures/FoldRate.ts"
import * as Growth from "./measures/Growth.ts"
import * as LongTransactions from "./beside/LongTransactions.ts"
import * as Halves from "./measures/Halves.ts"
import * as MergeRate from "./measures/MergeRate.ts"
import * as Naive from "./baselines/Naive.ts"
import * as ActivityCost from "./page/ActivityCost.ts"
import * as PageQuestions from "./page/PageQuestions.ts"
import * as ProjectionRate from "./measures/ProjectionRate.ts"
import * as ProjectSizes from "./measures/ProjectSizes.ts"
import * as RebuildRate from "./measures/RebuildRate.ts"
import * as StartUp from "./measures/StartUp.ts"
import { batches, median, type Requirements } from "./load/Scenario.ts"
import { serve } from "./load/ServerProcess.ts"

/** The amounts of a run. */
export interface Sizes {
  /** The rounds; each round makes every measurement once. */
  readonly rounds: number
  /** The length of the log that is appended and captured. */
  readonly events: number
  /** The length of the log that is projected and rebuilt. */
  readonly longEvents: number
  /** The length of the log that is appended in small batches. */
  readonly smallEvents: number
  /** The events that the projections in the comparison handle. */
  readonly othersEvents: number
  /** The time for measurements that commit every event alone. */
  readonly seconds: number
  /** The distinct ids of the log that is folded in memory. */
  readonly ids: number
  /** The distinct ids of the persons to merge, one size each. */
  readonly persons: ReadonlyArray<number>
  /** The merges of each person in a round. */
  readonly merges: number
  /** The starts of each command in a round. */
  readonly starts: number
}

const persons = [100, 10_000, 100_000]

export const quick: Sizes = {
  rounds: 3,
  events: 40_000,
  longEvents: 100_000,
  smallEvents: 10_000,
  othersEvents: 3000,
  seconds: 1,
  ids: 50_000,
  persons,
  merges: 10,
  starts: 5,
}

export const full: Sizes = {
  rounds: 5,
  events: 100_000,
  longEvents: 300_000,
  smallEvents: 50_000,
  othersEvents: 20_000,
  seconds: 5,
  ids: 1_000_000,
  persons,
  merges: 10,
  starts: 5,
}

/** The median, the least and the greatest value of a figure over the rounds. */
export interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** The figures of a run, by name. */
export type Figures = Readonly<Record<string, Figure>>

/** The address belongs to no Postgres server. */
export class NotPostgres extends Data.TaggedError("NotPostgres")<{}> {
  override readonly message = "ONYMOUS_DATABASE_URL: expected postgres://…"
}

/**
 * Emmett's store on a Postgres server; without one, or without the package, prints the reason and
 * returns undefined.
 */
const emmettOn = Effect.fnUntraced(function* (location: string) {
  if (location === "memory") {
    yield* Console.log("Emmett is not measured: it needs a Postgres server.")
    return undefined
  }
  return yield* Effect.catch(Emmett.open(location), ({ cause }) =>
    Effect.as(
      Console.log(`Emmett is not measured, its figures are missing: ${String(cause)}`),
      undefined,
    ),
  )
})

/**
 * The connections that append to a database. The embedded database has one server, so its
 * connections are this process's own.
 */
const appendsOf = Effect.fnUntraced(function* (location: string) {
  if (location === "memory") return (yield* Database).appends
  return Context.get(yield* Layer.build(databaseLayer(location)), Database).appends
})

type Round = Readonly<Record<string, number>>

/** The databases of a run. */
interface Databases {
  readonly location: string
  /** The server has a database of its own, because it projects every project that it finds. */
  readonly served: string
  /** A database for each worker of the halved rebuild, on a Postgres server only. */
  readonly forHalves?: ReadonlyArray<string>
}

/** A server that has compiled its code for requests. */
const warmServer = Effect.fnUntraced(function* (sizes: Sizes, served: string) {
  const server = yield* serve(served)
  yield* CaptureRate.warm(server, sizes)
  return server
})

/** Prepares the measurements in databases; the server and the workers start at the same time. */
const prepareAll = Effect.fnUntraced(function* (
  sizes: Sizes,
  { location, served, forHalves }: Databases,
) {
  yield* Naive.prepare
  yield* RebuildRate.prepare
  const emmett = yield* emmettOn(location)
  const appends = yield* appendsOf(served)
  const [server, halves] = yield* Effect.all(
    [
      warmServer(sizes, served),
      forHalves === undefined ? Effect.undefined : Halves.open(forHalves, sizes.longEvents),
    ],
    { concurrency: "unbounded" },
  )
  yield* AppendRate.warm
  return { server, appends, emmett, halves }
})

/** Repeats the measurements in rounds, and collects the results of all rounds. */
const inRounds = <E, R>(
  { rounds }: Sizes,
  round: (index: number) => Effect.Effect<Round, E, R>,
): Effect.Effect<Figures, E, R> =>
  Effect.map(
    Effect.forEach(
      Array.from({ length: rounds }, (_, index) => index),
      round,
    ),
    summary,
  )

const inDatabases = Effect.fnUntraced(function* (sizes: Sizes, databases: Databases) {
  const { server, appends, emmett, halves } = yield* prepareAll(sizes, databases)
  const { longEvents: count, othersEvents: othersCount, seconds } = sizes
  // The log is made first, because its rebuild also covers the events that the server captures.
  const log = yield* AppendRate.newProject
  yield* AppendRate.append(log, batches(sizes.events))
  const beside = yield* inRounds(
    sizes,
    Effect.fnUntraced(function* (round) {
      return {
        ...(yield* RebuildBeside.measure(server, log, round)),
        ...(yield* RebuildBeside.measureBig(server, sizes.events, round)),
      }
    }),
  )
  const rest = yield* inRounds(
    sizes,
    Effect.fnUntraced(function* (round) {
      const appended = yield* AppendRate.measure(sizes.events, round)
      const project = yield* AppendRate.newProject
      yield* AppendRate.append(project, batches(count))
      return {
        ...appended,
        ...(emmett && (yield* AppendRate.measureEmmett(emmett, sizes.smallEvents, round))),
        ...(yield* CaptureRate.measure({ server, appends, sizes, round })),
        ...(yield* ProjectionRate.measure({ project, count, othersCount, seconds, emmett, round })),
        ...(yield* RebuildRate.measure({ project, count, halves, round })),
        ...(yield* ActivityCost.measure(count, round)),
        // Nobody else has a transaction in the embedded database.
        ...(isServer(databases.location) && (yield* LongTransactions.measure(seconds, round))),
      }
    }),
  )
  return { ...rest, ...beside }
})

/** Measures the start of commands. */
const startUps = Effect.fnUntraced(function* (sizes: Sizes) {
  const commands = yield* StartUp.prepare
  return yield* inRounds(sizes, () => StartUp.measure(commands, sizes.starts))
})

/** Measures folds in memory. */
const folds = (sizes: Sizes) =>
  Effect.suspend(() => {
    FoldRate.warm()
    return inRounds(sizes, () => Effect.sync(() => FoldRate.measure(sizes.ids)))
  })

/** Measures merges of persons, which fill the memory of this process. */
const merges = Effect.fnUntraced(function* (sizes: Sizes) {
  const persons = yield* MergeRate.prepare(sizes.persons)
  return yield* inRounds(sizes, () => MergeRate.measure(persons, sizes.merges))
})

const measure = Effect.fnUntraced(function* (sizes: Sizes, databases: Databases) {
  const started = yield* Effect.scoped(startUps(sizes))
  // Folds come before everything else that uses the heap: last in the process, the same fold was a
  // fifth to a quarter slower.
  const folded = yield* folds(sizes)
  const measured = yield* Effect.scoped(inDatabases(sizes, databases))
  // Merges come last, because their persons stay in memory.
  return { ...measured, ...folded, ...(yield* merges(sizes)), ...started }
})

const summary = (rounds: ReadonlyArray<Round>): Figures => {
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

/**
 * Creates a database on the server and drops it when the scope closes, so that other tables stay
 * untouched.
 */
const newDatabase = Effect.fnUntraced(function* (url: string) {
  if (!isServer(url) || !URL.canParse(url)) return yield* new NotPostgres()
  const name = `onymous_bench_${randomUUID().replaceAll("-", "")}`
  yield* Effect.acquireRelease(administer(url, `create database ${name} template template0`), () =>
    Effect.orDie(administer(url, `drop database if exists ${name} with (force)`)),
  )
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
})

const onServer = Effect.fnUntraced(function* (url: string, sizes: Sizes) {
  const location = yield* newDatabase(url)
  const served = yield* newDatabase(url)
  const forHalves = [yield* newDatabase(url), yield* newDatabase(url)]
  const measured = measure(sizes, { location, served, forHalves })
  return yield* Effect.provide(Effect.scoped(measured), layerSql(location))
})

/** Measures in a database of its own, which only grows. */
const inOwn = (
  url: string | undefined,
  measured: Effect.Effect<ReadonlyArray<Growth.Grown>, unknown, Requirements>,
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const own = url === undefined ? "memory" : yield* newDatabase(url)
      return yield* Effect.provide(measured, layerSql(own))
    }),
  )

/** Measures a log while it grows to `size` events. */
export const grow = (url: string | undefined, size: number) => inOwn(url, Growth.measure(size))

/** Measures a database while it fills with small projects. */
export const makeProjects = (url: string | undefined, count: number) =>
  inOwn(url, ProjectSizes.measure(count))

/** Measures what the page asks of a log of `size` events, which is made in a database of its own. */
export const page = (url: string | undefined, size: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      if (url === undefined) return yield* new NotPostgres()
      const own = yield* newDatabase(url)
      return yield* Effect.provide(PageQuestions.measure(own, size), layerSql(own))
    }),
  )

const inMemory = (sizes: Sizes) =>
  Effect.provide(
    Effect.scoped(measure(sizes, { location: "memory", served: "memory" })),
    layerSql("memory"),
  )

/** Measures everything, on a Postgres server or, without one, on PGlite in memory. */
export const bench = (url: string | undefined, sizes: Sizes) =>
  Effect.scoped(Effect.suspend(() => (url === undefined ? inMemory(sizes) : onServer(url, sizes))))
