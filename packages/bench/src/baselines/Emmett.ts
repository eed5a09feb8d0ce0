import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { pageSize } from "@onymous/projector/page/ProjectPage"
import type { Batches } from "../load/Scenario.ts"

/** Imported on demand, so that the bench runs without this package. */
const load = Effect.tryPromise(() => import("@event-driven-io/emmett-postgresql"))

/** Emmett's event store on a Postgres server, with its tables; closed with the scope. */
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

/** The same events in Emmett's form. */
export const toEvents = (log: Batches) =>
  log.map((batch) =>
    batch.map(({ event, payload }) => {
      const properties: Readonly<Record<string, unknown>> = JSON.parse(payload)
      const distinctId: string = "distinctId" in event ? event.distinctId : ""
      return { type: "Captured", data: { distinctId, properties } }
    }),
  )

/** The name of a new stream. */
export const newStream = (): string => `project-${randomUUID()}`

/** Appends batch after batch to one stream, and returns the global position of the last event. */
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
 * Follows the store from a position with a processor that only counts. It reads pages of the
 * projector's size without pauses between them, which is faster than Emmett's defaults.
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
