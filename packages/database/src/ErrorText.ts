/** How many causes are followed: a limit is needed because an error may be its own cause. */
const depthMax = 8

const causeOf = (error: Error): unknown =>
  error instanceof AggregateError ? error.errors[0] : error.cause

/**
 * What was thrown, where no error of it has a message. What is no error is told as JSON, because an object as a text has
 * none of its fields.
 */
const textOf = (thrown: unknown): string => {
  if (typeof thrown !== "object" || thrown === null || thrown instanceof Error)
    return String(thrown)
  try {
    const json: string | undefined = JSON.stringify(thrown, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    )
    return json ?? String(thrown)
  } catch {
    // An object that holds itself is no JSON.
    return `an object with ${Object.keys(thrown).join(", ")}`
  }
}

/** The messages of an error and of its causes, without empty ones, the innermost last. */
const texts = (error: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  let at = error
  for (let depth = 0; depth < depthMax && at instanceof Error; depth++) {
    if (at.message !== "") found.push(at.message)
    at = causeOf(at)
  }
  return found.length === 0 ? [textOf(error)] : found
}

/** The message of an error, followed by those of its causes, so that a database's own words come last. */
export const causeText = (error: unknown): string => [...new Set(texts(error))].join(": ")

/** The message of the innermost cause: that of the database or of the network itself. */
export const innermostText = (error: unknown): string => texts(error).at(-1) ?? ""

/** The driver's message for a parameter that is no value of its type. */
const notEncoded = "Failed to encode query"

/**
 * Our own defect, where a failed statement shows one: a parameter that the driver cannot send, or that is no value of
 * its type (SQLSTATE class 22). Such a statement fails every time.
 */
export const defectOf = (error: unknown): Error | undefined =>
  texts(error).some((text) => text.includes(notEncoded)) || codeOf(error)?.startsWith("22") === true
    ? new Error(`A question to the database has no answer: ${causeText(error)}`, { cause: error })
    : undefined

/** The SQLSTATE of an error, where the database gave it one. */
export const codeOf = (error: unknown): string | undefined => {
  let at = error
  for (let depth = 0; depth < depthMax && at instanceof Error; depth++) {
    if ("code" in at && typeof at.code === "string") return at.code
    at = causeOf(at)
  }
  return undefined
}
