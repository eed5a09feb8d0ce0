import { Console, Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { Refused, waitFor } from "../load/Requests.ts"
import { millis, percentile } from "../load/Scenario.ts"
import { type Server, serve } from "../load/ServerProcess.ts"
import { grownOf } from "../measures/Growth.ts"
import * as PageLog from "./PageLog.ts"
import * as PageSteps from "./PageSteps.ts"

/** How often each question is asked, and how often before that, to compile the code behind it. */
const [samples, warmSamples] = [25, 3]

/** How often a question is asked of which the answer is long. */
const fewSamples = 5

/** The buckets of a strip on a wide screen. */
const buckets = 1250

/** Asks a question of the page over HTTP, on a connection that stays open. */
const get = (server: Server, path: string) =>
  Effect.tryPromise({
    try: async () => {
      const url = `${server.url}/api/projects/${PageLog.project}/${path}`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${server.key}` } })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    },
    catch: (cause) => new Refused({ message: String(cause) }),
  })

/** The milliseconds of a question, asked again and again, and of a `select 1` before each time. */
const timesOf = Effect.fnUntraced(function* (
  ask: (index: number) => Effect.Effect<unknown, Refused>,
  count: number,
) {
  const sql = yield* SchemaClient
  const [asked, plain]: [Array<number>, Array<number>] = [[], []]
  for (let index = -Math.min(count, warmSamples); index < count; index++) {
    const least = yield* millis(sql`select 1`)
    const ms = yield* millis(ask(Math.abs(index)))
    if (index < 0) continue
    plain.push(least)
    asked.push(ms)
  }
  return { asked, plain }
})

/** What the page asks, at places from all over the log. */
const questionsOf = (size: number): Readonly<Record<string, (index: number) => string>> => {
  // A step without a common divisor with the length meets every part of the log.
  const at = (index: number) => 1 + (((index + 1) * 7_368_787) % size)
  const known = (index: number) => `user-${(index * 7919) % Math.max(1, Math.trunc(size / 50))}`
  return {
    activity: () => `activity?buckets=${buckets}`,
    activity_zoomed: (index) =>
      `activity?buckets=${buckets}&from=${at(index)}&to=${Math.min(size, at(index) + 5000)}`,
    changes: (index) => `changes?after=${at(index)}&limit=60`,
    change_before: (index) =>
      `changes?before=${at(index)}&limit=1&kinds=refused,split,deleted,retracted`,
    around: (index) => `log?after=${at(index)}&limit=9`,
    seen_last: (index) => `events?limit=50&at=${at(index)}`,
    person: (index) => `persons?distinct_id=${known(index)}&at=${at(index)}`,
    warnings: (index) => `warnings?at=${at(index)}&all=true`,
    merges: (index) => `merges?worth=look&limit=20&at=${at(index)}`,
    find: (index) => `ids?prefix=user-${index}&limit=6`,
    cone: (index) => `cone?distinct_id=${known(index)}`,
    cone_of_many: () => `cone?distinct_id=${encodeURIComponent(PageLog.manyId)}`,
  }
}

/** Questions of the page, each against a `select 1` that goes to the same database at the same time. */
const measureQuestions = Effect.fnUntraced(function* (server: Server, size: number) {
  const found: Record<string, number> = {}
  const least: Array<number> = []
  for (const [name, path] of Object.entries(questionsOf(size))) {
    const count = name === "cone_of_many" ? fewSamples : samples
    const { asked, plain } = yield* timesOf((index) => get(server, path(index)), count)
    const middle = percentile(asked, 0.5)
    yield* Console.log(`${name}: ${middle.toPrecision(3)} ms`)
    found[`${name}_p50_ms`] = middle
    found[`${name}_p95_ms`] = percentile(asked, 0.95)
    found[`${name}_vs_select_1`] = middle / percentile(plain, 0.5)
    least.push(...plain)
  }
  return { select_1_ms: percentile(least, 0.5), ...found }
})

/** Measures what the page asks of a log that is there, and steps of its playhead where there is a browser. */
const measureThere = Effect.fnUntraced(function* (location: string, size: number) {
  const server = yield* serve(location)
  yield* waitFor(server, size)
  const questions = yield* measureQuestions(server, size)
  const steps = yield* PageSteps.measure(server, PageLog.manyId, Math.trunc(size * 0.9))
  return grownOf([{ events: size, ...questions, ...steps }])
})

/** Makes a log of `size` events in an empty database, and measures what the page asks of it. */
export const measure = Effect.fnUntraced(function* (location: string, size: number) {
  yield* PageLog.make(location, size)
  return yield* measureThere(location, size)
})
