import { expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import * as Statement from "effect/sql/Statement"
import { describe, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { key, on, order, question, send } from "./serverSupport.ts"

const postgresUrl = inject("postgresUrl")

/** The statements, with their parameters, that a question has run. */
const run: { statements: Array<readonly [text: string, parameters: ReadonlyArray<unknown>]> } = {
  statements: [],
}

const noting: Statement.Transformer = (statement) =>
  Effect.sync(() => {
    run.statements.push(statement.compile())
    return statement
  })

const tables = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

/** A server on a database of its own, which notes its statements. */
const server = Layer.unwrap(
  Effect.map(TestDatabase.fresh(postgresUrl), (url) => {
    const database = Layer.provideMerge(tables, Database.layer(url))
    const log = Layer.provide(SqlEventLog.layer({ listens: false }), database)
    const persons = Layer.provide(SqlPersons.layer, database)
    return Layer.provideMerge(on(log, persons), database)
  }),
).pipe(Layer.provide(Layer.succeed(Statement.CurrentTransformer, noting)))

const count = 10_000

/** An event of a log of visits: some browsers are identified, and some merges are refused. */
const eventAt = (index: number) => {
  const [visit, step] = [Math.trunc(index / 5), index % 5]
  const browser = `browser-${visit}`
  if (step === 3) {
    const known = visit % 50 === 0 ? "null" : `user-${visit % 600}`
    return {
      event: "$identify",
      distinct_id: known,
      properties: { $anon_distinct_id: browser, $set: { plan: visit % 7 } },
    }
  }
  const distinct_id = step < 3 ? browser : `user-${visit % 600}`
  return { event: "$pageview", distinct_id, properties: { $device_id: browser, $lib: "web" } }
}

const batchSize = 500

/** The demo world, and many visits after it, with Postgres' statistics of them. */
const fill = Effect.gen(function* () {
  expect((yield* order("POST demo", {}, key)).status).toBeLessThan(300)
  let position = 0
  for (let start = 0; start < count; start += batchSize) {
    position = yield* send(...Array.from({ length: batchSize }, (_, each) => eventAt(start + each)))
  }
  yield* question(`status?min_position=${position}`)
  const sql = yield* SchemaClient
  yield* sql`analyze`
  return position
})

/** The tables that a plan reads from end to end. */
const scansIn = (plan: unknown): ReadonlyArray<string> => {
  if (Array.isArray(plan)) return plan.flatMap(scansIn)
  if (typeof plan !== "object" || plan === null) return []
  const node = new Map(Object.entries(plan))
  const isScan = `${node.get("Node Type")}`.includes("Seq Scan")
  return [
    ...(isScan ? [`${node.get("Relation Name")}`] : []),
    ...[...node.values()].flatMap(scansIn),
  ]
}

const isQuestion = (text: string): boolean => /^\s*(?:select|with)\b/i.test(text)

/** An `$identify` in the middle of the log, with its position and time, and a person. */
interface Place {
  readonly at: number
  readonly uuid: string
  readonly person: string
  readonly time: string
}

/** All that the page asks, by what it is for; `a` and `b` are ids of one person. */
const questions = ({ at, uuid, person, time }: Place, end: number) => {
  const [a, b] = ["user-7", "browser-7"]
  const get = (path: string) => question(path)
  return {
    "where the log ends": get("status"),
    "the strip of the whole log": get("activity?buckets=1250"),
    "the strip, zoomed": get(`activity?buckets=1250&from=${at - 500}&to=${at + 500}`),
    "the next change": get(`changes?after=${at}&limit=1&kinds=born,attached,merged,refused,split`),
    "the change before": get(`changes?before=${at}&limit=1`),
    "changes around a moment": get(`changes?after=${at}&limit=60`),
    "events around a moment": get(`log?after=${at}&limit=9`),
    "events up to a moment": get(`events?limit=50&at=${at}`),
    "an event by its uuid": get(`events?limit=1&at=${uuid}`),
    "events of an id": get(`events?distinct_id=${a}&limit=50&at=${at}`),
    "a jump to a time": get(`events?limit=1&at=${encodeURIComponent(time)}`),
    "a person at a moment": get(`persons?distinct_id=${a}&at=${at}`),
    "a person by its own id": get(`persons?person_id=${person}`),
    "ids that begin with a text": get("ids?prefix=user-1&limit=6"),
    "persons that have a text": get("persons?search=user-1&limit=12"),
    "warnings at a moment": get(`warnings?at=${at}&all=true`),
    "warnings of a type": get("warnings?type=cannot_merge_with_illegal_distinct_id"),
    "merges worth a look": get(`merges?worth=look&limit=20&at=${at}`),
    "events that wait": get("waiting?limit=100"),
    "rules at a moment": get(`policy?at=${at}`),
    "the cone of an id": get(`cone?distinct_id=${a}`),
    "why two are one": get(`why?a=${a}&b=${b}&at=${at}`),
    "what holds a person together": get(`why/culprits?a=${a}&at=${at}`),
    "who set a property": get(`why/property?a=${a}&property=plan&at=${at}`),
    "what the rules saw": get(`trace?event=${uuid}`),
    "changes of a person": get(`history?distinct_id=${a}&at=${at}`),
    "what changed of a person": get(`diff?from=${at}&to=${end}&distinct_id=${a}`),
    "what if an event had not come": order("POST what-if", { without: [uuid] }, key),
    "what a retraction would change": order("POST retractions/preview", { event_uuid: uuid }, key),
    "acts of operators": get("operations?limit=50"),
  }
}

const decode = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.Struct({ results: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)) }),
  ),
)

const resultsOf = (path: string) => Effect.map(question(path), ({ text }) => decode(text).results)

const explained = Effect.fnUntraced(function* (text: string, parameters: ReadonlyArray<unknown>) {
  const sql = yield* SchemaClient
  const rows = yield* sql.unsafe<object>(`explain (format json) ${text}`, parameters)
  return scansIn(rows)
})

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "nothing that the page asks reads the events from end to end",
    () =>
      Effect.gen(function* () {
        const end = yield* fill
        const middle = yield* resultsOf(`log?after=${Math.trunc(end / 2)}&limit=20`)
        const event = middle.find((each) => each["event"] === "$identify")
        const results = yield* resultsOf("persons?distinct_id=user-7")
        const place = {
          at: Number(event?.["position"]),
          uuid: `${event?.["event_uuid"]}`,
          person: `${results[0]?.["person_id"]}`,
          time: `${event?.["received_at"]}`,
        }
        const [scans, refused]: [Array<string>, Array<string>] = [[], []]
        for (const [name, ask] of Object.entries(questions(place, end))) {
          run.statements = []
          const { status, text } = yield* ask
          if (status !== 200) refused.push(`${name}: ${text}`)
          const asked = run.statements.filter(([statement]) => isQuestion(statement))
          if (asked.length === 0) refused.push(`${name}: nothing was asked of the database`)
          for (const [statement, parameters] of asked) {
            const tables = yield* explained(statement, parameters)
            if (tables.includes("events")) scans.push(`${name}: ${statement}`)
          }
        }
        expect(refused).toEqual([])
        expect(scans).toEqual([])
        // A plan that does read the table says so: no index has the payloads.
        expect(yield* explained("select payload from onymous.events", [])).toEqual(["events"])
      }).pipe(Effect.provide(server)),
    300_000,
  )
})
