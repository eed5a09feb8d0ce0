import { Cause, Logger as EffectLogger } from "effect"

/** The levels at which the library says something. */
export const levels = ["info", "warn", "error"] as const

/** The methods of a logger, in words. */
export const methods = "the methods info, warn and error"

/** A logger of a backend, as `pino` is one: what is known of the moment first, then the message. */
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
      try {
        if (logLevel === "Error" || logLevel === "Fatal") logger.error(facts, text)
        else if (logLevel === "Warn") logger.warn(facts, text)
        else if (logLevel === "Info") logger.info(facts, text)
      } catch {
        // What a logger cannot take must not end what is logged about.
      }
    }),
  ])

/** Tells an error that nobody waits for. */
export const report = (message: string, logger: Logger = toConsole): void => {
  try {
    logger.error({}, message)
  } catch {
    // As above.
  }
}
