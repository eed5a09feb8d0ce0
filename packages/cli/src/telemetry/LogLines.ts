import { Console, Effect, Layer, Logger } from "effect"
import { inspect } from "node:util"
import type { Redact } from "./Redaction.ts"

/** The formats of log lines. */
export const formats = ["text", "json"] as const

export type Format = (typeof formats)[number]

/** The flag of `serve` for the format of log lines, and its variable, over which the flag wins. */
export const setting = { flag: "log-format", variable: "ONYMOUS_LOG_FORMAT" } as const

/** True where `serve` writes log lines of JSON. */
export const isJson = (
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
): boolean => {
  const typed = /--log-format[= ](\w+)/.exec(words.join(" "))?.[1]
  return words.includes("serve") && (typed ?? environment[setting.variable]) === "json"
}

/** Writes a line to standard error. */
type Write = (line: string) => void

const toText = (word: unknown): string => (typeof word === "string" ? word : inspect(word))

/** A console that redacts secrets on standard error. */
export const redacting = (console: Console.Console, redact: Redact): Console.Console => ({
  ...console,
  error: (...words) => console.error(...words.map((word) => redact(toText(word)))),
})

/** The log record of other output, such as progress. */
const recordOf = (words: ReadonlyArray<unknown>): string =>
  JSON.stringify({
    message: words.map(toText).join(" "),
    level: "INFO",
    timestamp: new Date().toISOString(),
  })

/** Writes all output on standard error as lines of JSON, without secrets. */
const json = (redact: Redact, write: Write) => {
  const logger = Logger.map(Logger.formatJson, (line) => write(redact(line)))
  const console = Effect.map(Console.Console, (own): Console.Console => ({
    ...own,
    error: (...words) => write(redact(recordOf(words))),
  }))
  return Layer.mergeAll(
    Logger.layer([logger, Logger.tracerLogger]),
    Layer.effect(Console.Console, console),
  )
}

/** The log output of an effect in a format; text is the default already. */
export const layer = (
  format: Format,
  redact: Redact,
  write: Write = (line) => void process.stderr.write(`${line}\n`),
): Layer.Layer<never> => (format === "json" ? json(redact, write) : Layer.empty)
