import { Data, Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventLine from "@onymous/log/file/EventLine"
import { eventAt, median } from "../load/Scenario.ts"

/** A command that did not end as it should. */
export class NotStarted extends Data.TaggedError("NotStarted")<{ readonly message: string }> {}

const lineCount = 1000

const firstTime = Date.UTC(2022, 9, 25, 12)

/** A log of visits in the form of `export`, with users that come back: one line a second. */
const dump = (): string =>
  Array.from({ length: lineCount }, (_, index) => {
    const recordedAt = firstTime + index * 1000
    const recorded = { ...eventAt(index, lineCount), position: Position(index + 1), recordedAt }
    return EventLine.encodeLine(recorded, ProjectId("1"))
  }).join("\n")

/** Two ids of one user, from the first visit and from the second. */
const ids = ["anonymous-0", `anonymous-${lineCount / 50}`]

const pathOf = (name: string): string => fileURLToPath(import.meta.resolve(`@onymous/cli/${name}`))

/** The environment without our own settings, so that the arguments alone name the database. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ONYMOUS_")))

const started = (words: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"], env: environment() })

const ended = async (child: ChildProcess, words: ReadonlyArray<string>): Promise<void> => {
  const [code] = await once(child, "exit")
  if (code !== 0) throw new NotStarted({ message: `${words.join(" ")} ended with ${code}.` })
}

/** The milliseconds of a whole process, from its start to its exit. */
const whole = async (words: ReadonlyArray<string>): Promise<number> => {
  const start = performance.now()
  const child = started(words)
  child.stdout?.resume()
  await ended(child, words)
  return performance.now() - start
}

/** The milliseconds until a process prints something; then it is stopped. */
const untilItSpeaks = async (words: ReadonlyArray<string>): Promise<number> => {
  const start = performance.now()
  const child = started(words)
  const end = ended(child, words)
  if (child.stdout !== null) await Promise.race([once(child.stdout, "data"), end])
  const millis = performance.now() - start
  child.kill("SIGTERM")
  await end
  return millis
}

const attempt = (words: ReadonlyArray<string>, run = whole) =>
  Effect.tryPromise({
    try: () => run(words),
    catch: (error) =>
      error instanceof NotStarted ? error : new NotStarted({ message: `${error}` }),
  })

/**
 * The commands of the comparison. Each has run once, so that Node has cached its code and the
 * database exists.
 */
export const prepare = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "onymous-start-"))),
    (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true })),
  )
  const file = join(directory, "log.ndjson")
  writeFileSync(file, dump())
  // Set-up builds the package, which does nothing where no file has changed.
  yield* attempt([pathOf("build")])
  const command = pathOf("bin")
  const commands = {
    node: ["-e", "0"],
    why: [command, "why", ...ids, "--file", file],
    help: [command, "--help"],
    serve: [command, "serve", "--port", "0", "--data-dir", join(directory, "data")],
  }
  yield* attempt(commands.why)
  yield* attempt(commands.help)
  yield* attempt(commands.serve, untilItSpeaks)
  return commands
})

/** The command's time as a multiple of Node's own start, in turns in the same run. */
export const measure = Effect.fnUntraced(function* (
  { node, why, help, serve }: Effect.Success<typeof prepare>,
  runs: number,
) {
  const times = { node: new Array<number>(), why: new Array<number>(), help: new Array<number>() }
  for (let run = 0; run < runs; run++) {
    times.node.push(yield* attempt(node))
    times.help.push(yield* attempt(help))
    times.why.push(yield* attempt(why))
  }
  const alone = median(times.node)
  return {
    start_help_vs_node: median(times.help) / alone,
    start_why_vs_node: median(times.why) / alone,
    start_serve_vs_node: (yield* attempt(serve, untilItSpeaks)) / alone,
  }
})
