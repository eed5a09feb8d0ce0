import { Console, Effect, Option, Schedule } from "effect"
import { Command, Flag } from "effect/cli"
import type { LogEntry } from "@onymous/api/forms/LogForms"
import { ask, type Asked } from "../../asking/Ask.ts"
import { endless } from "../../Endless.ts"
import * as Answer from "../../output/Answer.ts"
import { within } from "../../flags/DatabaseFlags.ts"
import { acting } from "../../flags/SourceFlags.ts"

/** The most events that the API gives at a time. */
const pageMax = 1000

/** Shows events as the log takes them. */
export const tail = Command.make(
  "tail",
  {
    ...acting,
    after: Flag.Int("after").pipe(
      within(0),
      Flag.withDescription("Begin after this position; the end of the log by default"),
      Flag.optional,
    ),
    limit: Flag.Int("limit").pipe(
      within(1),
      Flag.withDescription("Stop after so many"),
      Flag.optional,
    ),
  },
  Effect.fn(function* ({ after, limit, ...given }) {
    const most = Option.getOrElse(limit, () => Number.POSITIVE_INFINITY)
    const print = (entry: LogEntry) => Answer.print(entry, given.json, () => [lineOf(entry)])
    const onceAnswered = yield* waiting
    const follow = Effect.fnUntraced(function* ({ log, project, params }: Asked) {
      const { head } = yield* project.status({ params, query: {} })
      let next = Option.getOrElse(after, () => head)
      for (let left = most; left > 0;) {
        const query = { after: next, limit: Math.min(left, pageMax), wait: "true" as const }
        const page = yield* onceAnswered(log.page({ params, query }))
        yield* Effect.forEach(page.results, print, { discard: true })
        left -= page.results.length
        next = page.next
      }
    })
    yield* ask(given, follow, { waits: false })
  }, endless),
).pipe(Command.withDescription("Show events as they come"))

/** The pauses between questions to a server that does not answer. */
const pauses = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")])

/** True for an error that passes, as while the server or its database restarts. */
const isPause = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  (error._tag === "HttpClientError" ||
    (error._tag === "Unavailable" && "code" in error && error.code === "unavailable"))

/** Repeats a question until there is an answer, and says once for each failure that it waits. */
const waiting = Effect.sync(() => {
  let isTold = false
  const tell = (error: unknown) => {
    if (isTold || !isPause(error)) return Effect.void
    isTold = true
    return Console.error("There is no answer now: waiting to go on.")
  }
  return <A, E, R>(question: Effect.Effect<A, E, R>) =>
    question.pipe(
      Effect.tapError(tell),
      Effect.retry({ schedule: pauses, while: isPause }),
      Effect.tap(() => Effect.sync(() => (isTold = false))),
    )
})

/** The line of an event: a client's by its ids, any other as JSON. */
const lineOf = ({ position, received_at, event_uuid, ...said }: LogEntry): string => {
  const place = `${position}  ${received_at}  `
  const { event, distinct_id, source } = said
  if (event === undefined || distinct_id === undefined) return `${place}${JSON.stringify(said)}`
  return `${place}${event}  ${distinct_id}${source === undefined ? "" : `  ← ${source}`}  ${event_uuid}`
}
