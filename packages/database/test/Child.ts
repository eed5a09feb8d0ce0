import { Effect, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** A script of this folder, running in a process of its own. */
export interface Child {
  readonly pid: number | undefined
  readonly tell: (line: string) => void
  /** The next line that the script prints; fails where the script has ended. */
  readonly line: () => Promise<string>
  /** Ends the script as a power cut would, and gives the lines that it had printed by then. */
  readonly kill: () => Promise<ReadonlyArray<string>>
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, "close")
  child.kill("SIGKILL")
  await closed
}

const start = (script: string, args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  // A killed script reads no more.
  child.stdin.on("error", () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const next = await lines.next()
    if (next.done === true) throw new Error(`${script} ended.`)
    return next.value
  }
  const kill = async () => {
    await end(child)
    const rest = []
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      rest.push(next.value)
    }
    return rest
  }
  const tell = (text: string) => void child.stdin.write(`${text}\n`)
  return { child, handle: { pid: child.pid, tell, line, kill } }
}

/** Runs a script until the scope closes. */
export const run = (
  script: string,
  args: ReadonlyArray<string> = [],
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => start(script, args)),
    ({ child }) => Effect.promise(() => end(child)),
  ).pipe(Effect.map(({ handle }) => handle))
