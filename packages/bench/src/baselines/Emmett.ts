import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { pageSize } from "@onymous/projector/page/ProjectPage"
import type { Batches } from "../load/Scenario.ts"

/** Loaded on demand: whoever has not installed it measures everything else. */
const load = Effect.tryPromise(() => import("@event-driven-io/emmett-postgresql"))

/** Emmett's store of events, its tables made, on a Postgres server; closed with the scope. */
export const open = Effect.fnUntraced(function* (url: string) {
  const { getPostgreSQLEventStore } = yield* load
  const store = yield* Effect.acquireRelease(
    Effect.sync(() => getPostgreSQLEventStore(url)),
    (opened) => Effect.promise(() => opened.close()),
  )
  yield* Effect.tryPromise(() => store.schema.migrate())
  return store
})

export type Emmett = Effect.Success<ReturnType<typeof open>>

/** The same events as Emmett takes them. */
export const toEvents = (log: Batches) =>
  log.map((batch) =>
    batch.map(({ event, payload }) => {
      const properties: Readonly<Record<string, unknown>> = JSON.parse(payload)
      const distinctId: string = "distinctId" in event ? event.distinctId : ""
      return { type: "Captured", data: { distinctId, properties } }
    }),
  )

/** The name of a stream that there is not yet. */
export const newStream = (): string => `project-${randomUUID()}`

/** Appends batch after batch to one stream; answers with the global position of the last event. */
export const append = Effect.fnUntraced(function* (
  store: Emmett,
  stream: string,
  log: ReturnType<typeof toEvents>,
) {
  let last = 0n
  for (const batch of log) {
    const appended = yield* Effect.tryPromise(() => store.appendToStream(stream, batch))
    last = appended.lastEventGlobalPosition
  }
  return last
})

/**
 * Follows the store from a position on with a processor that only counts. It reads pages as long as
 * the projector's, and does not pause between them, which is faster than what Emmett does by default.
 */
export const follow = (store: Emmett, after: bigint, count: number) =>
  Effect.tryPromise(async () => {
    let handled = 0
    const consumer = store.consumer({ pulling: { batchSize: pageSize, pullingFrequencyInMs: 0 } })
    consumer.reactor({
      processorId: randomUUID(),
      startFrom: { lastCheckpoint: after },
      eachMessage: () => void handled++,
      stopAfter: () => handled === count,
    })
    await consumer.start()
    if (handled !== count) throw new Error(`Emmett handled ${handled} events of ${count}.`)
  })
