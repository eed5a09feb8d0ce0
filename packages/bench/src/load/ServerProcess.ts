import { Data, Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const token = "phc_bench"
const key = "onk_bench_that_nobody_ever_guesses"
const operatorKey = "onk_bench_operator_that_nobody_guesses"

/** A server in a process of its own, started as an operator starts it. */
export interface Server {
  readonly url: string
  readonly token: string
  readonly key: string
  /** Opens every project. */
  readonly operatorKey: string
}

/** The server did not start. */
export class NotServing extends Data.TaggedError("NotServing")<{ readonly message: string }> {}

/** This process's environment with the database, and without our own settings. */
const environment = (database: string): NodeJS.ProcessEnv => {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("ONYMOUS_"))
  // The environment carries the address, because it may hold a password and everybody can read
  // arguments.
  const name = database === "memory" ? "ONYMOUS_DATA_DIR" : "ONYMOUS_DATABASE_URL"
  return { ...Object.fromEntries(others), [name]: database }
}

const start = (database: string): ChildProcess => {
  const bin = fileURLToPath(import.meta.resolve("@onymous/cli/bin"))
  const flags = [
    "serve",
    "--port",
    "0",
    "--token",
    token,
    "--key",
    key,
    "--operator-key",
    operatorKey,
  ]
  const stdio = ["ignore", "pipe", "pipe"] satisfies ReadonlyArray<"ignore" | "pipe">
  return spawn(process.execPath, [bin, ...flags], { stdio, env: environment(database) })
}

/** Waits until the server prints its URL. */
const urlOf = (child: ChildProcess) =>
  Effect.callback<string, NotServing>((resume) => {
    let text = ""
    const read = (chunk: Buffer) => {
      text += chunk
      const url = /Onymous is at (http:\S+),/.exec(text)?.[1]
      if (url !== undefined) resume(Effect.succeed(url))
    }
    child.stdout?.on("data", read)
    child.stderr?.on("data", read)
    child.once("exit", (code) => {
      const message = `The server ended with ${code}: ${text}`
      resume(Effect.fail(new NotServing({ message })))
    })
  })

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill("SIGTERM")
  await gone
}

/** Serves a database from a process of its own until the scope closes. */
export const serve = Effect.fnUntraced(function* (database: string) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => start(database)),
    (started) => Effect.promise(() => stop(started)),
  )
  const server: Server = { url: yield* urlOf(child), token, key, operatorKey }
  return server
})
