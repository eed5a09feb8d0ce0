/** How many causes are followed, because an error may be its own cause. */
const depthMax = 8

const causeOf = (error: Error): unknown =>
  error instanceof AggregateError ? error.errors[0] : error.cause

/** What an error and each of its causes says, if it has words, the innermost last. */
const texts = (error: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  let at = error
  for (let depth = 0; depth < depthMax && at instanceof Error; depth++) {
    if (at.message !== "") found.push(at.message)
    at = causeOf(at)
  }
  return found.length === 0 ? [String(error)] : found
}

/** What an error says, and then what caused it: a database's own words come last. */
export const causeText = (error: unknown): string => [...new Set(texts(error))].join(": ")

/** What the innermost cause says: the database, or the network, itself. */
export const innermostText = (error: unknown): string => texts(error).at(-1) ?? ""

/** What the driver says of a parameter that has another form than its type. */
const notEncoded = "Failed to encode query"

/**
 * The defect of ours that a failed question shows, if it does: a parameter that cannot be sent, or that is no
 * value of its type (SQLSTATE class 22). Asked again, the database would answer no better.
 */
export const defectOf = (error: unknown): Error | undefined =>
  texts(error).some((text) => text.includes(notEncoded)) || codeOf(error)?.startsWith("22") === true
    ? new Error(`A question to the database has no answer: ${causeText(error)}`, { cause: error })
    : undefined

/** The code that the database gave an error, where it did. */
export const codeOf = (error: unknown): string | undefined => {
  let at = error
  for (let depth = 0; depth < depthMax && at instanceof Error; depth++) {
    if ("code" in at && typeof at.code === "string") return at.code
    at = causeOf(at)
  }
  return undefined
}
