import { Console, Effect, Layer, Logger } from "effect"
import { inspect } from "node:util"
import type { Redact } from "./Redaction.ts"

/** How lines of a log look. */
export const formats = ["text", "json"] as const

export type Format = (typeof formats)[number]

/** The variable of `serve` that says how lines look, and the flag that wins over it. */
export const setting = { flag: "log-format", variable: "ONYMOUS_LOG_FORMAT" } as const

/** True where `serve` is asked for a log of JSON. */
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

/** A console whose standard error tells no secret. */
export const redacting = (console: Console.Console, redact: Redact): Console.Console => ({
  ...console,
  error: (...words) => console.error(...words.map((word) => redact(toText(word)))),
})

/** A line that is no record of the log, such as how far a start is, as one. */
const recordOf = (words: ReadonlyArray<unknown>): string =>
  JSON.stringify({
    message: words.map(toText).join(" "),
    level: "INFO",
    timestamp: new Date().toISOString(),
  })

/** All that is told on standard error is JSON, a line each, without secrets. */
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

/** How an effect tells what it does; as text it does already. */
export const layer = (
  format: Format,
  redact: Redact,
  write: Write = (line) => void process.stderr.write(`${line}\n`),
): Layer.Layer<never> => (format === "json" ? json(redact, write) : Layer.empty)
