import * as Json from "./Json.ts"
import * as NumberText from "./NumberText.ts"

/** The native walk over values is recursive; whatever nests deeper is refused by whoever asked. */
const revivedDepthMax = 1000

/**
 * Parses JSON text from outside or from the database: numbers that a double does not keep are kept as their
 * text. Throws a `SyntaxError` where the text is no JSON.
 */
export const parse = (text: string): Json.Json => {
  const value: Json.Json = JSON.parse(text)
  if (!NumberText.mayHoldLost(text) || Json.isDeeperThan(value, revivedDepthMax)) return value
  return JSON.parse(text, exactly)
}

/** Old platforms tell no source: they keep the nearest double. */
const exactly = (_: string, value: Json.Json, told?: { readonly source?: string }): Json.Json =>
  typeof value !== "number" || told?.source === undefined || NumberText.isKept(told.source)
    ? value
    : NumberText.of(told.source)

/** Parses an object that we have written; anything else is a defect. */
export const parseObject = (text: string): Json.JsonObject => {
  const value = parse(text)
  if (Json.isObject(value)) return value
  throw new Error("A stored JSON object is none.")
}
