import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, type Layer, Tracer } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import { incoming } from "./EventLog.contract.ts"

const project = ProjectId("sealed")

/** Events 1 to 12 in commits of four. */
const filled = Effect.gen(function* () {
  const log = yield* EventLog
  yield* log.createProject({ id: project, token: "sealed", keyHash: "" })
  for (const start of [1, 5, 9]) {
    yield* log.append(
      project,
      Arr.map(Arr.range(start, start + 3), (number) =>
        incoming(number, {
          event: number % 3 === 0 ? "$identify" : "seen",
          properties: { n: number, $anon_distinct_id: `device-${number}`, $set: { n: number } },
        }),
      ),
    )
  }
})

/** Type of a column → an expression that differs from the stored value. */
const changed: Readonly<Record<string, (column: string) => string>> = {
  text: (column) => `coalesce(${column}, '') || 'x'`,
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  "double precision": (column) => `coalesce(${column}, 0) + 1`,
  uuid: () => "gen_random_uuid()",
  "timestamp with time zone": (column) => `${column} + interval '1 microsecond'`,
  json: (column) => `(coalesce(${column}::text, '{}') || ' ')::json`,
  bytea: (column) => `coalesce(${column}, '') || '\\x00'`,
}

/** A project's owner may change its id and token: they are no part of the log. */
const names = new Set(["id", "token"])

interface Edit {
  readonly what: string
  readonly statements: ReadonlyArray<string>
  readonly damage: { readonly table: string; readonly position: number }
}

/** One edit in each column of a table. */
const columnEdits = Effect.fnUntraced(function* (table: "events" | "projects", where: string) {
  const sql = yield* SchemaClient
  const columns = yield* sql<{ readonly name: string; readonly type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = ${sql.schema} and table_name = ${table}`
  return columns
    .filter(({ name }) => table === "events" || !names.has(name))
    .map(({ name, type }) => {
      const value = changed[type]?.(name)
      if (value === undefined) throw new Error(`How is a ${type} edited?`)
      const statement = `update ${sql.nameOf(table)} set ${name} = ${value} where ${where}`
      return { what: `${table}.${name}`, statement }
    })
})

const edits = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const events = sql.nameOf("events")
  const ofEvents = yield* columnEdits("events", "position = 6")
  const ofProjects = yield* columnEdits("projects", `id = '${project}'`)
  const at = (position: number, table = "events") => ({ table, position })
  const ofHead: Readonly<Record<string, Edit["damage"]>> = {
    "projects.position": at(13),
    "projects.unsealed": at(2),
    // Every seal contains the log's id.
    "projects.log_id": at(1),
  }
  return [
    // A moved event leaves a gap at 6; a seal at 6, where none was, counts for a commit that begins at 5.
    ...ofEvents.map(({ what, statement }) => ({
      what,
      statements: [statement.replace("0) + 1 where", "0) + 1000 where")],
      damage: at(what === "events.seal" ? 5 : 6),
    })),
    ...ofProjects.map(({ what, statement }) => ({
      what,
      statements: [statement],
      damage: ofHead[what] ?? at(12, "projects"),
    })),
    // A shift by 2^32 microseconds leaves the lower 32 bits of a time as they were.
    ...["+", "-"].map((sign) => ({
      what: `another time, ${sign} 2^32 microseconds`,
      statements: [
        `update ${events} set recorded_at = recorded_at ${sign} interval '4294.967296 seconds' where position = 6`,
      ],
      damage: at(6),
    })),
    {
      what: "another checksum, however large",
      statements: [
        `update ${events} set checksum = checksum # (1::bigint << 61) where position = 6`,
      ],
      damage: at(6),
    },
    {
      what: "an event less",
      statements: [`delete from ${events} where position = 7`],
      damage: at(7),
    },
    {
      what: "the last events less, and a head that says so",
      statements: [
        `delete from ${events} where position > 10`,
        `update ${sql.nameOf("projects")} set position = 10`,
      ],
      damage: at(9),
    },
    {
      what: "an event more",
      statements: [
        `insert into ${events} select project_id, 13, gen_random_uuid(), kind, recorded_at, name, distinct_id,
          source_id, client_timestamp, sent_at, client_offset, facts, payload, checksum, null
          from ${events} where position = 12`,
      ],
      damage: at(13),
    },
    {
      what: "two events in each other's place",
      statements: [
        `update ${events} set position = 100 where position = 6`,
        `update ${events} set position = 6 where position = 7`,
        `update ${events} set position = 7 where position = 100`,
      ],
      damage: at(6),
    },
  ] satisfies ReadonlyArray<Edit>
})

/** The damage that every log in a database must find. */
export const suite = (name: string, layer: Layer.Layer<EventLog | SchemaClient, unknown>): void =>
  withLayer(layer, { timeout: "300 seconds" })(`the seals of a log in ${name}`, (it) => {
    it.effect(
      "tell each edit of each column at its position, and nothing of a log as it came",
      () =>
        Effect.gen(function* () {
          yield* filled
          const sql = yield* SchemaClient
          const log = yield* EventLog
          expect(yield* log.damage(project)).toBeUndefined()
          for (const { what, statements, damage } of yield* edits) {
            const edited = Effect.gen(function* () {
              for (const statement of statements) yield* sql.unsafe(statement)
              expect(yield* log.damage(project), what).toMatchObject(damage)
              return yield* Effect.fail("rolled back")
            })
            expect(yield* Effect.flip(sql.withTransaction(edited))).toBe("rolled back")
          }
          expect(yield* log.damage(project)).toBeUndefined()
          // Earlier versions mixed 32 bits of the time into a checksum.
          yield* sql`update ${sql.ours("events")} set checksum = checksum & 4294967295`
          expect(yield* log.damage(project), "sealed by an earlier version").toBeUndefined()
          yield* sql`update ${sql.ours("events")} set recorded_at = recorded_at - interval '1 second' where position = 6`
          expect(yield* log.damage(project)).toMatchObject({ table: "events", position: 6 })
        }),
    )

    it.effect("tell each edit of an event that was appended alone, of any time", () =>
      Effect.gen(function* () {
        const sql = yield* SchemaClient
        const log = yield* EventLog
        const alone = ProjectId("alone")
        yield* log.createProject({ id: alone, token: "alone", keyHash: "" })
        for (const [number, recordedAt] of [1.5e12, Date.now() + 3_600_000, 0].entries()) {
          const offset = number === 1 ? {} : { offset: 1.5 }
          const event = incoming(200 + number, { properties: { n: number }, ...offset })
          yield* log.append(alone, [{ ...event, recordedAt }])
        }
        expect(yield* log.damage(alone)).toBeUndefined()
        const where = `project_id = '${alone}' and position = 3`
        for (const { what, statement } of yield* columnEdits("events", where)) {
          const edited = Effect.gen(function* () {
            yield* sql.unsafe(statement)
            expect(yield* log.damage(alone), what).toMatchObject({ table: "events", position: 3 })
            return yield* Effect.fail("rolled back")
          })
          expect(yield* Effect.flip(sql.withTransaction(edited))).toBe("rolled back")
        }
      }),
    )

    it.effect("are looked at a few megabytes at a time, however large the events are", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const large = ProjectId("large")
        yield* log.createProject({ id: large, token: "large", keyHash: "" })
        const text = "x".repeat(1_000_000)
        yield* log.append(
          large,
          Arr.map(Arr.range(101, 124), (n) => incoming(n, { properties: { text } })),
        )
        const statements: Array<Tracer.NativeSpan> = []
        const counting = Tracer.make({
          span: (options) => {
            const span = new Tracer.NativeSpan(options)
            statements.push(span)
            return span
          },
        })
        expect(yield* Effect.withTracer(log.damage(large), counting)).toBeUndefined()
        const pages = statements.filter(({ attributes }) =>
          [...attributes.values()].join().includes("as payload"),
        )
        expect(pages.length).toBeGreaterThanOrEqual(4)
      }),
    )
  })
