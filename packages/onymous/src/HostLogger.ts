import { Cause, Logger as EffectLogger } from "effect"

/** The levels at which the library says something. */
export const levels = ["info", "warn", "error"] as const

/** The methods of a logger, in words. */
export const methods = "the methods info, warn and error"

/** A logger of a backend: `pino`, `winston` and `console` are some. */
export interface Logger {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** A library prints nothing on stdout. */
const toConsole: Logger = {
  info: () => {},
  warn: (_, message) => console.warn(message),
  error: (facts, message) => console.error(message, ...Object.values(facts)),
}

/** Hands what the library logs to a backend's logger; nothing is told below the level of information. */
export const layer = (logger: Logger = toConsole) =>
  EffectLogger.layer([
    EffectLogger.make<unknown, void>(({ logLevel, message, cause }) => {
      const text = Array.isArray(message) ? message.map(String).join(" ") : String(message)
      const facts = cause.reasons.length === 0 ? {} : { cause: Cause.pretty(cause) }
      if (logLevel === "Error" || logLevel === "Fatal") logger.error(facts, text)
      else if (logLevel === "Warn") logger.warn(facts, text)
      else if (logLevel === "Info") logger.info(facts, text)
    }),
  ])
