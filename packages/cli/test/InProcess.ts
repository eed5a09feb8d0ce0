import { Cause, ConfigProvider, Console, Effect, Exit, Logger } from "effect"
import { CliError, Command } from "effect/cli"
import { commands } from "../src/CommandList.ts"
import { codeOf, exitCodeOf, messageOf, SaysNo } from "../src/CommandError.ts"
import * as Presenter from "../src/help/Presenter.ts"
import { failureText } from "../src/output/FailureText.ts"
import * as Platform from "../src/Platform.ts"

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Texts as a console prints them: each ends its line. */
const textOf = (texts: ReadonlyArray<unknown>): string => texts.map((text) => `${text}\n`).join("")

/** True where the parser or the answer has printed the error already. */
const isSaid = (error: unknown): boolean =>
  CliError.isCliError(error) || (error instanceof SaysNo && error.message === "")

const load = async () => {
  const all = await Promise.all(commands.map(({ load }) => load()))
  return Command.make("onymous").pipe(
    Command.withDescription("Whose event is this, and why?"),
    Command.withSubcommands(all),
  )
}

let loaded: ReturnType<typeof load> | undefined

/** Runs a command in this process, because a process for each of many commands takes longer. */
export const onymous = async (
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const command = await (loaded ??= load())
  const asJson = words.includes("--json")
  const printed: Record<"stdout" | "stderr", Array<unknown>> = { stdout: [], stderr: [] }
  const console: Console.Console = {
    ...globalThis.console,
    log: (...texts) => printed.stdout.push(...texts),
    error: (...texts) => printed.stderr.push(...texts),
  }
  const settings = ConfigProvider.orElse(
    ConfigProvider.fromEnv({ env: environment }),
    ConfigProvider.fromEnv(),
  )
  const exit = await Effect.runPromiseExit(
    Command.runWith(command, { version: "0" })(words).pipe(
      Effect.provide([Platform.bare, Presenter.layer(asJson)]),
      Effect.provideService(Console.Console, console),
      Effect.provideService(Logger.LogToStderr, true),
      Effect.provideService(ConfigProvider.ConfigProvider, settings),
    ),
  )
  const code = Exit.isSuccess(exit) ? 0 : exitCodeOf(exit.cause)
  const said =
    Exit.isSuccess(exit) || isSaid(Cause.squash(exit.cause))
      ? []
      : [failureText(messageOf(exit.cause), asJson, await Effect.runPromise(codeOf(exit.cause)))]
  return { code, stdout: textOf(printed.stdout), stderr: textOf([...printed.stderr, ...said]) }
}

/** Runs a command that takes its output for a terminal of `columns` columns. */
export const onColumns = async (columns: number, words: ReadonlyArray<string>): Promise<Ended> => {
  const { isTTY, columns: before } = process.stdout
  Object.assign(process.stdout, { isTTY: true, columns })
  try {
    return await onymous(words)
  } finally {
    Object.assign(process.stdout, { isTTY, columns: before })
  }
}
