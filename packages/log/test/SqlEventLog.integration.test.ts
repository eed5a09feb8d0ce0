import { expect, it } from "@effect/vitest"
import {
  Array as Arr,
  Context,
  Duration,
  Effect,
  Fiber,
  Layer,
  Logger,
  Option,
  Schedule,
  Stream,
} from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import { connectionsByDefault } from "@onymous/database/DatabaseSettings"
import * as Transaction from "@onymous/database/sql/Transaction"
import { StatementLimit } from "@onymous/database/sql/StatementLimit"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Machine from "@onymous/tidy/testing/Machine"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { EventLog } from "../src/EventLog.ts"
import * as Damage from "./Damage.contract.ts"
import { incoming, suite } from "./EventLog.contract.ts"
import { logOn } from "./logLayers.ts"
import * as HostTransaction from "./HostTransaction.contract.ts"
import * as FullLog from "./FullLog.contract.ts"
import * as Unstorable from "./Unstorable.contract.ts"

const postgresUrl = inject("postgresUrl")
const project = ProjectId("busy")
const appenders = 8
const batches = 60
const batchSize = 5

/** Takes the head's lock as an append does, is slow, and writes nothing after all. */
const rolledBack = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const attempt = Effect.gen(function* () {
    yield* sql`select * from ${sql.ours("projects")} where id = ${project} for update`
    yield* sql`update ${sql.ours("projects")} set position = position + 7 where id = ${project}`
    yield* sql`select pg_sleep(0.02)::text`
    return yield* Effect.fail("rolled back")
  })
  yield* Effect.ignore(sql.withTransaction(attempt))
})

/** An appender with connections of its own. */
const appender = (url: string, number: number) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    for (let batch = 0; batch < batches; batch++) {
      const first = (number * batches + batch) * batchSize
      const events = Arr.map(Arr.range(first, first + batchSize - 1), (each) => incoming(each))
      yield* log.append(project, events)
    }
  }).pipe(Effect.provide(logOn(url)))

/** A transaction that writes and stays open, in another database of the same server. */
const elsewhere = Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* sql`create table held (a int)`
  yield* sql.withTransaction(Effect.andThen(sql`insert into held values (1)`, Effect.never))
})

/** The output of a program of Postgres, given `input`; where the program fails, the test fails. */
const output = (program: string, options: ReadonlyArray<string>, input = ""): string => {
  const folder = Machine.postgresBinaries()
  const command = folder === undefined ? program : join(folder, program)
  const done = spawnSync(command, options, { input, encoding: "utf8", maxBuffer: 2 ** 28 })
  if (done.status !== 0) throw new Error(`${program} failed: ${done.error ?? done.stderr}`)
  return done.stdout
}

/** Ends the connections that listen to this database; gives their number. */
const unheard = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen %'`
  return rows.length
})

/** How finished statements have read the table of projects: by its indexes, and row after row. */
const readsOfProjects = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [reads] = yield* sql<{ readonly looked: number; readonly scanned: number }>`
    select idx_scan::float8 as looked, seq_tup_read::float8 as scanned
    from pg_stat_user_tables where relname = 'projects'`
  return reads ?? (yield* Effect.die("There is no table of projects."))
})

describe.skipIf(!postgresUrl)("with a server", () => {
  suite("Postgres", Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)))
  Damage.suite("Postgres", Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)))
  FullLog.suite("Postgres", Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)))
  Unstorable.suite("Postgres", Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)))
  HostTransaction.suite(
    "Postgres",
    Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)),
  )

  it.live("an append that was planned for one project looks up its own among thousands", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SchemaClient
      const times = 20
      const append = (number: number) => log.append(project, [incoming(number)])
      yield* log.createProject({ id: project, token: "busy", keyHash: "" })
      yield* sql`analyze ${sql.ours("projects")}`
      yield* Effect.forEach(Arr.range(1, times), append)
      yield* sql`insert into ${sql.ours("projects")} (id, token, log_id)
        select number, number, gen_random_uuid() from generate_series(1, 5000) as number`
      const before = yield* readsOfProjects
      let number = times
      // A connection reports its reads late, when it runs another statement.
      const appendAndLook = Effect.andThen(
        Effect.suspend(() => append(++number)),
        readsOfProjects,
      )
      const after = yield* Effect.repeat(appendAndLook, {
        until: ({ looked, scanned }) =>
          looked >= before.looked + 2 * times || scanned >= before.scanned + 5000,
        schedule: Schedule.spaced("20 millis"),
      })
      expect(after.scanned - before.scanned).toBeLessThan(5000)
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)))),
  )

  it.live(
    "sessions that are ended fail appends to be tried again: none is lost or doubled, and why is told",
    () => {
      const lines: Array<string> = []
      const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      return Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        yield* log.createProject({ id: project, token: "busy", keyHash: "" })
        const failures: Array<boolean> = []
        const append = Effect.fnUntraced(function* (number: number) {
          // The previous event is among them, so that the append has to find out which are new.
          const events = Arr.map(Arr.range(Math.max(1, number - 1), number), (each) =>
            incoming(each),
          )
          yield* Effect.retry(
            Effect.tapError(log.append(project, events), ({ isRetryable }) =>
              Effect.sync(() => failures.push(isRetryable)),
            ),
            { while: ({ isRetryable }) => isRetryable },
          )
        })
        const numbers = Arr.range(1, 600)
        const appending = Effect.forEach(numbers, append, { concurrency: 4, discard: true })
        const cutting = sql`select pg_terminate_backend(pid, 1000) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
          order by random() limit 1`.pipe(
          Effect.ignore,
          Effect.repeat(Schedule.spaced("10 millis")),
        )
        yield* Effect.raceFirst(appending, cutting)
        expect(failures.length).toBeGreaterThan(0)
        expect(failures.every((isRetryable) => isRetryable)).toBe(true)
        const page = yield* log.read({ project, after: zero, limit: 1000 })
        expect(page.map(({ position }) => position)).toEqual(numbers)
        expect(new Set(page.map(({ event }) => event.uuid)).size).toBe(numbers.length)
        expect(lines.length).toBeGreaterThan(0)
        expect(lines.length).toBeLessThan(failures.length + 1)
        expect(lines[0]).toMatch(/^The log is unavailable: .+/)
      }).pipe(
        Effect.provide(Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn))),
        Effect.provide(heard),
      )
    },
  )

  it.live("capture has connections of its own: it goes on while questions hold all others", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SchemaClient
      yield* log.createProject({ id: project, token: "busy", keyHash: "" })
      // Of ten connections, four append, one listens, and one derives.
      const held = Array.from({ length: connectionsByDefault - 6 }, () => sql.reserve)
      yield* Effect.all(held, { concurrency: "unbounded" })
      expect((yield* log.projectOf("busy"))?.id).toBe(project)
      expect(yield* log.append(project, [incoming(1)])).toMatchObject({ position: 1, added: 1 })
      expect((yield* log.head(project)).position).toBe(1)
      yield* log.ready
      const short = Effect.provideService(StatementLimit, Duration.millis(10))
      expect((yield* Effect.flip(short(log.heads))).message).toContain("No connection")
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), (url) => logOn(url))),
      ),
    ),
  )

  it.live("a database that takes no writes is not ready, and is again once it does", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const name = new URL(url).pathname.slice(1)
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        yield* log.createProject({ id: project, token: "busy", keyHash: "" })
        yield* log.ready
        const turn = (isOn: boolean) =>
          Transaction.run(
            sql,
            Effect.andThen(
              sql`set transaction read write`,
              sql.unsafe(`alter database "${name}" set default_transaction_read_only = ${isOn}`),
            ),
          )
        const end = sql`select pg_terminate_backend(pid, 300000) from pg_stat_activity
          where datname = ${name} and pid <> pg_backend_pid()`
        yield* turn(true)
        yield* end
        // Postgres tells new sessions that they take no writes.
        const refused = [yield* Effect.flip(log.append(project, [incoming(1)]))]
        refused.push(yield* Effect.flip(log.ready))
        expect(refused.map(({ message }) => message).join()).toContain("read-only")
        yield* turn(false)
        yield* Effect.retry(log.ready, { times: 1 })
        expect(yield* log.append(project, [incoming(1)])).toMatchObject({ position: 1, added: 1 })
      }).pipe(Effect.provide(logOn(url)))
    }),
  )

  it.live(
    "8 appenders, slow and failed transactions among them: a tail misses nothing",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const other = yield* TestDatabase.fresh(postgresUrl)
        const total = appenders * batches * batchSize
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          yield* log.createProject({ id: project, token: "t", keyHash: "" })
          const open = yield* Effect.forkScoped(Effect.provide(elsewhere, Database.layer(other)))
          const spoiling = yield* Effect.forkScoped(
            Effect.provide(Effect.forever(rolledBack), Database.layer(url)),
          )
          const tail = log.tail({ project, after: zero })
          const seen = yield* Effect.forkScoped(Stream.runCollect(Stream.take(tail, total)))
          const all = Array.from({ length: appenders }, (_, number) => appender(url, number))
          yield* Effect.all(all, { concurrency: "unbounded" })
          const positions = (yield* Fiber.join(seen)).map(({ position }) => position)
          expect(positions).toEqual(Arr.range(1, total))
          yield* Fiber.interrupt(spoiling)
          yield* Fiber.interrupt(open)
          expect(yield* log.damage(project), "their seals are one chain").toBeUndefined()
        }).pipe(Effect.provide(logOn(url)))
      }),
    600_000,
  )
  it.live("a log that was dumped and restored elsewhere goes on where it was", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const elsewhere = yield* TestDatabase.fresh(postgresUrl)
      const events = Arr.map(Arr.range(1, 100), (number) => incoming(number))
      const before = yield* Effect.gen(function* () {
        const log = yield* EventLog
        yield* log.createProject({ id: project, token: "t", keyHash: "" })
        yield* log.append(project, events)
        return yield* log.head(project)
      }).pipe(Effect.provide(logOn(url)))
      output("psql", ["-v", "ON_ERROR_STOP=1", "-d", elsewhere], output("pg_dump", [url]))
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        expect(yield* log.head(project)).toEqual(before)
        const checkpoint = Position(60)
        expect(yield* log.uuidAt(project, checkpoint)).toBe(incoming(60).event.uuid)
        const more = [incoming(100), incoming(101)] as const
        expect(yield* log.append(project, more)).toMatchObject({
          position: 101,
          added: 1,
          reused: 0,
        })
        const tail = Stream.take(log.tail({ project, after: checkpoint }), 41)
        const seen = yield* Stream.runCollect(tail)
        expect(seen.map(({ position }) => position)).toEqual(Arr.range(61, 101))
      }).pipe(Effect.provide(logOn(elsewhere)))
    }),
  )

  it.live(
    "a head behind its events is named by every append, and no project is made on them",
    () => {
      const lines: Array<string> = []
      const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      return Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        yield* log.createProject({ id: project, token: "t", keyHash: "" })
        yield* log.append(
          project,
          Arr.map(Arr.range(1, 9), (number) => incoming(number)),
        )
        yield* sql`update ${sql.ours("projects")} set position = 5`
        const named = { reason: { _tag: "HeadBehind", project, head: 5, found: 6 } }
        const many = [incoming(10), incoming(11)] as const
        const refused = yield* Effect.flip(log.append(project, [incoming(10)]))
        expect(refused).toMatchObject(named)
        expect(refused.isRetryable).toBe(false)
        expect(refused.message).toMatch(/^The log of project \S+ ends at 5 .+ position 6: restore /)
        expect(lines.join()).toContain(refused.message)
        expect(yield* Effect.flip(log.append(project, many))).toMatchObject(named)
        const within = sql.withTransaction(log.append(project, [incoming(10)]))
        expect(yield* Effect.flip(within)).toMatchObject(named)
        yield* log.enqueue(project, [incoming(10)])
        expect(yield* Effect.flip(log.drain(project))).toMatchObject(named)
        const known = { reason: { _tag: "HeadBehind", project, head: 5, found: 7 } }
        expect(yield* Effect.flip(log.append(project, [incoming(7)]))).toMatchObject(known)
        yield* sql`delete from ${sql.ours("event_inbox")}`
        yield* sql`delete from ${sql.ours("projects")}`
        const made = log.createProject({ id: project, token: "t", keyHash: "" })
        expect(yield* Effect.flip(made)).toMatchObject({
          reason: { ...named.reason, head: 0, found: 1 },
        })
        yield* log.createProject({ id: ProjectId("another"), token: "t", keyHash: "" })
      }).pipe(
        Effect.provide(
          Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), (url) => logOn(url))),
        ),
        Effect.provide(heard),
      )
    },
  )

  it.live("hears of appends of other processes, also after its connection broke", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const other = yield* Effect.map(Layer.build(logOn(url)), (context) =>
        Context.get(context, EventLog),
      )
      const later = ProjectId("later")
      yield* other.createProject({ id: project, token: "t", keyHash: "" })
      yield* other.createProject({ id: later, token: "u", keyHash: "" })
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        let number = 0
        const heardOf = (wanted: ProjectId) =>
          Effect.raceFirst(
            Stream.runHead(Stream.filter(log.appended, (heard) => heard === wanted)),
            Effect.forever(Effect.suspend(() => other.append(wanted, [incoming(number++)]))),
          )
        expect(yield* heardOf(project)).toEqual(Option.some(project))
        expect(yield* unheard).toBe(2)
        expect(yield* heardOf(later)).toEqual(Option.some(later))
      }).pipe(Effect.provide(logOn(url)))
    }),
  )
})
