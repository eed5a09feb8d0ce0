import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import * as ReadmeCommands from "./ReadmeCommands.ts"
import { environment, run } from "./Trial.ts"

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("There is no free port.")
  return address.port
}

/** Starts a command in the background, and waits until it prints its first expected line. */
const start = async (
  folder: string,
  command: string,
  [expected = ""]: ReadonlyArray<string>,
  more: Readonly<Record<string, string>>,
) => {
  const child = spawn("sh", ["-c", command], {
    cwd: folder,
    env: environment(folder, more),
    // A process group of its own gets signals as from a terminal or a supervisor.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let told = ""
  await new Promise<void>((there, failed) => {
    const hear = (chunk: Buffer) => {
      told += chunk
      if (told.includes(expected)) there()
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("close", (code) => failed(new Error(`${command} ended with ${code}: ${told}`)))
  })
  return { child, told: () => told }
}

/** Tells a process group to end, and waits until all its processes have ended. */
const stop = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, "close")
  if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM")
  await ended
}

/** What an example should print, what it printed, and its last line. */
export interface Played {
  readonly expected: ReadonlyArray<string>
  readonly printed: ReadonlyArray<string>
  readonly lastLine: string
}

const linesOf = (text: string): ReadonlyArray<string> =>
  text.split("\n").filter((line) => line !== "")

/**
 * Runs the commands of an example's README with another port and database, and without `npm install`: the trial has
 * installed all examples.
 */
export const play = async (folder: string, database: string): Promise<Played> => {
  const port = await freePort()
  const more = { PORT: String(port), DATABASE_URL: database }
  const text = readFileSync(join(folder, "README.md"), "utf8")
  const commands = ReadmeCommands.of(text.replaceAll(":3000", `:${port}`)).filter(
    ({ command }) => command !== "npm install" && !command.startsWith("export DATABASE_URL="),
  )
  const expected = commands.flatMap(({ prints }) => prints)
  const printed: Array<string> = []
  let background: Awaited<ReturnType<typeof start>> | undefined
  try {
    for (const { command, prints } of commands) {
      if (command === "npm start") {
        background = await start(folder, command, prints, more)
        printed.push(...prints)
        continue
      }
      const { code, stdout, stderr } = await run(folder, "sh", ["-c", command], more)
      if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`)
      printed.push(...linesOf(stdout))
    }
  } finally {
    if (background !== undefined) await stop(background.child)
  }
  return { expected, printed, lastLine: linesOf(background?.told() ?? "").at(-1) ?? "" }
}
