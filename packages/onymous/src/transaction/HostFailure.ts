import { type ErrorFacts, OnymousError } from "../errors/OnymousError.ts"
import { InvalidInput } from "../errors/InvalidInput.ts"

/** How many causes are followed, because an error may be its own cause. */
const depthMax = 8

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** The class of Postgres' codes for a connection that is gone. */
const lost = "08006"

/** The code that Postgres gave, wherever the driver of the host keeps it. */
const sqlStateOf = (error: unknown, depth = 0): string | undefined => {
  if (!isObject(error) || depth === depthMax) return undefined
  for (const name of ["code", "originalCode"]) {
    const code = error[name]
    // Prisma has codes of its own, which are as long.
    if (typeof code === "string" && /^(?!P[12])(?=.*\d)[0-9A-Z]{5}$/.test(code)) return code
    if (typeof code === "string" && /^(?:ECONN|EPIPE|ETIMEDOUT|CONNECTION_)/.test(code)) return lost
  }
  for (const name of ["cause", "meta", "driverAdapterError"]) {
    const code = sqlStateOf(error[name], depth + 1)
    if (code !== undefined) return code
  }
  return undefined
}

/**
 * What the database said, without the statement and its values, which hold events: some drivers put them before it, or
 * around it.
 */
const wordsOf = (error: unknown, depth = 0): string => {
  if (!isObject(error)) return String(error)
  const { cause, message } = error
  if (isObject(cause) && typeof cause["message"] === "string" && depth < depthMax) {
    return wordsOf(cause, depth + 1)
  }
  return String(message).split(" - ").at(-1) ?? ""
}

const elsewhere =
  "a transaction of the database that Onymous has opened, by a role that may use its schema"

/** What each of Postgres' codes means for who appends in a transaction, by how it begins. */
const told: ReadonlyArray<readonly [RegExp, Omit<ErrorFacts, "message" | "cause">]> = [
  [/^(?:55P03|40001|40P01)/, { code: "log_busy", isRetryable: true }],
  [/^42501/, { code: "denied" }],
  [/^(?:3F000|42883|42P01)/, { code: "invalid_input", field: "in", expected: elsewhere }],
  [
    /^(?:22|23|54)/,
    { code: "invalid_input", field: "properties", expected: "what the database stores" },
  ],
  [/^(?:08|57)/, { code: "unavailable", isRetryable: true }],
]

/** The error of the library for what the driver of a host says; its transaction can only be rolled back. */
export const ofHost = (cause: unknown): OnymousError => {
  if (cause instanceof OnymousError) return cause
  const state = sqlStateOf(cause) ?? ""
  const facts = told.find(([pattern]) => pattern.test(state))?.[1] ?? { code: "failed" as const }
  const { code, field, expected } = facts
  if (code === "invalid_input" && field !== undefined && expected !== undefined) {
    return Object.assign(new InvalidInput({ field, expected }), { cause })
  }
  return new OnymousError({
    ...facts,
    message: `The transaction could not append: ${wordsOf(cause)}`,
    cause,
  })
}
