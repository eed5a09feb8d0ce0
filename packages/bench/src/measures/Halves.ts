import { Effect } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** Workers are processes, because threads would slow down this process by their mere existence. */
const start = (database: string, events: number) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL("./half.ts", import.meta.url)), [String(events)], {
        // The environment carries the address, because it may hold a password and everybody can
        // read arguments.
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

/** Waits for the next message of a worker, which says that its task is done. */
const done = (worker: ChildProcess) =>
  Effect.promise(async () => {
    const isGone = new AbortController()
    const gone = once(worker, "exit", { signal: isGone.signal }).then(() => {
      throw new Error("A worker that rebuilds has ended.")
    })
    await Promise.race([once(worker, "message"), gone]).finally(() => isGone.abort())
  })

/**
 * Starts a worker for each database; each derives its share of a log's persons there. Together they
 * show the gain of dealing out cones to workers, if finding the cones and sending their events cost
 * nothing. Every worker pays a rebuild's fixed costs.
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
