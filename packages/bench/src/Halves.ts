import { Effect } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** How many workers there are: as many as the machine that the goals are for has cores. */
const count = 2

/** A process, since a thread of ours slows down all others by being there. */
const start = (database: string, events: number) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL("./half.ts", import.meta.url)), [database, String(events)]),
    ),
    (worker) => Effect.promise(() => stop(worker)),
  )

const stop = async (worker: ChildProcess): Promise<void> => {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const gone = once(worker, "exit")
  worker.kill("SIGKILL")
  await gone
}

/** Waits for what a worker says next: that it has done what it was told. */
const done = (worker: ChildProcess) =>
  Effect.promise(async () => {
    const isGone = new AbortController()
    const gone = once(worker, "exit", { signal: isGone.signal }).then(() => {
      throw new Error("A worker that rebuilds has ended.")
    })
    await Promise.race([once(worker, "message"), gone]).finally(() => isGone.abort())
  })

/**
 * Workers that derive their part of the persons of a log each: what dealing its cones out could come to, where
 * finding the cones, and sending each event to its worker, cost nothing. Each has a project of its own in a
 * database, and answers when it has derived that anew.
 */
export const open = Effect.fnUntraced(function* (database: string, events: number) {
  const workers: Array<ChildProcess> = []
  // One after the other: the first one makes the tables.
  for (let part = 0; part < count; part++) {
    const worker = yield* start(database, Math.trunc(events / count))
    yield* done(worker)
    workers.push(worker)
  }
  const tell = (worker: ChildProcess) =>
    Effect.suspend(() => {
      worker.send("rebuild")
      return done(worker)
    })
  return { rebuild: Effect.forEach(workers, tell, { concurrency: count, discard: true }) }
})

export type Halves = Effect.Success<ReturnType<typeof open>>
