import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Effect, Exit, Logger } from "effect"
import { CliError, Command } from "effect/cli"
import { bisect } from "./commands/past/bisect.ts"
import { diff } from "./commands/past/diff.ts"
import { exportLog } from "./commands/log/export.ts"
import { history } from "./commands/past/history.ts"
import { importFile } from "./commands/log/import.ts"
import { person } from "./commands/persons/person.ts"
import { persons } from "./commands/persons/persons.ts"
import { policy } from "./commands/persons/policy.ts"
import { rebuild } from "./commands/serve/rebuild.ts"
import { replay } from "./commands/log/replay.ts"
import { retract } from "./commands/past/retract.ts"
import { serve } from "./commands/serve/serve.ts"
import { tail } from "./commands/log/tail.ts"
import { trace } from "./commands/past/trace.ts"
import { verify } from "./commands/serve/verify.ts"
import { waiting } from "./commands/persons/waiting.ts"
import { warnings } from "./commands/persons/warnings.ts"
import { whatIf } from "./commands/past/whatIf.ts"
import { why } from "./commands/past/why.ts"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { messageOf, SaysNo, WrongUse } from "./CommandError.ts"

const onymous = Command.make("onymous").pipe(
  Command.withDescription("Whose event is this, and why?"),
  Command.withSubcommands([
    serve,
    replay,
    rebuild,
    persons,
    person,
    warnings,
    waiting,
    policy,
    why,
    trace,
    history,
    diff,
    bisect,
    whatIf,
    retract,
    verify,
    tail,
    importFile,
    exportLog,
  ]),
)

/** Commands that run until they are told to end: for others, that is an end half-way. */
const endless: ReadonlyArray<string> = [serve, tail].map(({ name }) => name)

/** The command: the first argument that is neither a flag nor the value of one that all commands have. */
const commandOf = (args: ReadonlyArray<string>): string =>
  args.find((each, at) => !each.startsWith("-") && args[at - 1] !== "--log-level") ?? ""

/** 0 done, 1 it says no, 2 wrong use, 3 could not (DESIGN §7). */
const exitCode = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return isEndless() ? 0 : 3
  const error = Cause.squash(exit.cause)
  if (error instanceof SaysNo || error instanceof OperationRefused) return 1
  return error instanceof WrongUse || CliError.isCliError(error) ? 2 : 3
}

const isEndless = (): boolean => endless.includes(commandOf(process.argv.slice(2)))

const told = (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (Cause.hasInterruptsOnly(cause)) return isEndless() ? Effect.void : Console.error("Cancelled.")
  // The command's own parser has told what was wrong already.
  return CliError.isCliError(Cause.squash(cause)) ? Effect.void : Console.error(messageOf(cause))
}

// A terminal that is gone ends a command as Ctrl-C does: it cleans up.
process.once("SIGHUP", () => process.kill(process.pid, "SIGTERM"))

// Whoever reads only the first lines closes the pipe: that is no failure. Nor is it one that a terminal is
// gone: what is written to it then is lost, and SIGHUP says the rest.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EIO") return
    if (error.code === "EPIPE") process.exit(0)
    throw error
  })
}

Command.run(onymous, { version: "0.1.0" }).pipe(
  Effect.provide(NodeServices.layer),
  Effect.provideService(Logger.LogToStderr, true),
  Effect.tapCause(told),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(exitCode(exit)),
  }),
)
