import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Logger } from "effect"
import { CliError, Command } from "effect/cli"
import { writeSync } from "node:fs"
import { QuestionProgress } from "@onymous/timetravel/history/QuestionProgress"
import { codeOf, exitCodeOf, messageOf, SaysNo } from "./CommandError.ts"
import { commands } from "./CommandList.ts"
import { isEndless } from "./Endless.ts"
import * as Presenter from "./help/Presenter.ts"
import { failureText } from "./output/FailureText.ts"
import { events } from "./output/ProgressBar.ts"
import { consoleBeside, Progress } from "./output/ProgressLine.ts"
import * as Platform from "./Platform.ts"
import * as LogLines from "./telemetry/LogLines.ts"
import { redact } from "./telemetry/ProcessSecrets.ts"
import { version } from "./Version.ts"

const words = process.argv.slice(2)

const isAsked = (flag: string): boolean => words.some((word) => word.startsWith(flag))

/** True where all commands are needed: the wizard can lead to any, and completions list the flags of all. */
const needsAll = isAsked("--wizard") || isAsked("--completions")

/**
 * Imports only the modules of the commands that the arguments name, which saves start-up time. An
 * id that equals a command's name imports one too many.
 */
const loadCommands = Effect.promise(() =>
  Promise.all(
    commands.map(({ name, description, load }) =>
      needsAll || words.includes(name)
        ? load()
        : Command.make(name).pipe(Command.withDescription(description)),
    ),
  ),
)

const onymous = Effect.map(loadCommands, (subcommands) =>
  Command.make("onymous").pipe(
    Command.withDescription("Whose event is this, and why?"),
    Command.withSubcommands(subcommands),
  ),
)

const exitCode = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return isEndless() ? 0 : 3
  return exitCodeOf(exit.cause)
}

/** True where failures are printed as JSON: with --json, or with log lines of JSON. */
const asJson = words.includes("--json") || LogLines.isJson(words, process.env)

const printFailure = (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (Cause.hasInterruptsOnly(cause)) {
    return isEndless() ? Effect.void : Console.error(failureText("Cancelled.", asJson, "cancelled"))
  }
  const error = Cause.squash(cause)
  // The parser has printed its own errors already, and an answer no by itself.
  const isPrinted = CliError.isCliError(error) || (error instanceof SaysNo && error.message === "")
  return isPrinted
    ? Effect.void
    : Effect.flatMap(codeOf(cause), (code) =>
        Console.error(failureText(messageOf(cause), asJson, code)),
      )
}

// A closed terminal ends a command like Ctrl-C, with its clean-up.
process.once("SIGHUP", () => process.kill(process.pid, "SIGTERM"))

/** The time between two looks at the parent process. */
const lookInterval = 500

// Under npm the command ends with its parent, because npm starts it through a shell that passes on no signals.
if (process.env["npm_command"] !== undefined) {
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    process.kill(process.pid, "SIGTERM")
  }, lookInterval)
  looking.unref()
}

/** Says that the output cannot be written, and ends the command: a full disk also refuses what would follow. */
const endUnwritten = (error: Error): void => {
  try {
    writeSync(2, `${failureText(`The output cannot be written: ${error.message}`, asJson)}\n`)
  } catch {
    // Standard error may lie on the same disk.
  }
  process.exit(3)
}

// A reader such as `head` closes the pipe early, which is no failure. A closed terminal loses the
// output, and SIGHUP ends the command.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EIO") return
    if (error.code === "EPIPE") process.exit(0)
    // A line of the log that finds no room is lost: a server goes on without it.
    if (stream === process.stdout) endUnwritten(error)
  })
}

/** Shows the progress of questions over long logs, in a line that other output erases first. */
const withProgress = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Progress, (line) =>
    effect.pipe(
      Effect.provideService(Console.Console, LogLines.redacting(consoleBeside(line), redact)),
      Effect.provideService(QuestionProgress, (name, done, all) =>
        line.show(name === "checking seals" ? { name } : { name, unit: events }, done, all),
      ),
    ),
  )

Effect.flatMap(onymous, (command) => Command.runWith(command, { version })(words)).pipe(
  Effect.provide(isAsked("--wizard") ? Platform.whole : Platform.bare),
  Effect.provide(Presenter.layer(asJson)),
  Effect.provideService(Logger.LogToStderr, true),
  // As a finalizer it also runs where the command was interrupted.
  Effect.onError(printFailure),
  withProgress,
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(exitCode(exit)),
  }),
)
