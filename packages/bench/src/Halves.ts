import { Effect } from "effect"
import { once } from "node:events"
import { Worker } from "node:worker_threads"

/** How many threads there are: as many as the machine that the goals are for has cores. */
const threads = 2

const start = (database: string, count: number) =>
  Effect.acquireRelease(
    Effect.sync(
      () => new Worker(new URL("./half.ts", import.meta.url), { argv: [database, String(count)] }),
    ),
    (worker) => Effect.promise(() => worker.terminate()),
  )

/** Waits for what a thread says next: that it has done what it was told. */
const done = (worker: Worker) => Effect.promise(() => once(worker, "message"))

/**
 * Threads that derive their part of the persons of a log each: what dealing its cones out could come to, where
 * finding the cones, and sending each event to its thread, cost nothing. Each has a project of its own in a
 * database, and answers when it has derived that anew.
 */
export const open = Effect.fnUntraced(function* (database: string, count: number) {
  const workers: Array<Worker> = []
  // One after the other: the first one makes the tables.
  for (let part = 0; part < threads; part++) {
    const worker = yield* start(database, Math.trunc(count / threads))
    yield* done(worker)
    workers.push(worker)
  }
  const tell = (worker: Worker) =>
    Effect.suspend(() => {
      const answered = done(worker)
      worker.postMessage("rebuild")
      return answered
    })
  return { rebuild: Effect.forEach(workers, tell, { concurrency: threads, discard: true }) }
})

export type Halves = Effect.Success<ReturnType<typeof open>>
