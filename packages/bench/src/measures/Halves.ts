import { Effect } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** A process, since a thread of ours slows down all others by being there. */
const start = (database: string, events: number) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL("./half.ts", import.meta.url)), [String(events)], {
        // An address may hold a password, and arguments can be read by everybody.
        env: { ...process.env, ONYMOUS_DATABASE_URL: database },
      }),
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
 * A worker for each of some databases, that derives its share of the persons of a log there: what dealing
 * cones out could come to, as if finding them and sending their events to the workers were free. What a
 * rebuild costs whatever its log, each of them pays.
 */
export const open = Effect.fnUntraced(function* (databases: ReadonlyArray<string>, events: number) {
  const share = Math.trunc(events / databases.length)
  const workers = yield* Effect.forEach(
    databases,
    (database) => Effect.tap(start(database, share), done),
    { concurrency: "unbounded" },
  )
  const tell = (worker: ChildProcess) =>
    Effect.suspend(() => {
      worker.send("rebuild")
      return done(worker)
    })
  return { rebuild: Effect.forEach(workers, tell, { concurrency: "unbounded", discard: true }) }
})

export type Halves = Effect.Success<ReturnType<typeof open>>
