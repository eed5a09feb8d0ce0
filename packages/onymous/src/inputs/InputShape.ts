import { Result, Schema } from "effect"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import { ofSchema } from "@onymous/identity/schema/SchemaInvalid"
import { isObject, type Json, type JsonObject } from "@onymous/identity/encoding/Json"
import { told } from "@onymous/identity/encoding/JsonField"
import { InvalidInput } from "../errors/InvalidInput.ts"

export const text = told(Schema.NonEmptyString, "a text that is not empty")
/** A distinct id for events: a blank one is refused, as capture over HTTP does. */
export const id = told(
  Schema.String.check(Schema.makeFilter((given: string) => given.trim() !== "")),
  "a text that is not blank",
)
export const texts = told(Schema.NonEmptyArray(Schema.NonEmptyString), "a list of texts")
export const object = told(Schema.Unknown, "a JSON object", isObject)
export const truth = told(Schema.Boolean, "true or false")
export const date = told(
  Schema.Unknown,
  "a date",
  (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
)
export const limit = told(
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })),
  "a whole number from 1 to 1000",
)
export const position = told(
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  "a position: a whole number from 0 on",
)
const timeout = told(
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400_000 })),
  "milliseconds: a whole number from 1 to 86400000",
)
export const optionalTimeout = Schema.optional(timeout)
export const minPosition = told(
  Schema.Unknown,
  "a position, or head",
  (value): value is number | "head" =>
    value === "head" || (Number.isSafeInteger(value) && Number(value) >= 0),
)
export const listener = told(
  Schema.Unknown,
  "a function",
  (value): value is () => unknown => typeof value === "function",
)
export const signal = told(
  Schema.Unknown,
  "an AbortSignal",
  (value): value is AbortSignal => value instanceof AbortSignal,
)
export const point = told(
  Schema.Unknown,
  "a position, a date, an ISO 8601 time, a uuid, or 2h ago",
  (value): value is number | string | Date =>
    typeof value === "string" || Number.isSafeInteger(value) || isDate(value),
)

const isDate = (value: unknown): boolean => value instanceof Date && !Number.isNaN(value.getTime())

/**
 * The check of an input with these fields; it throws `InvalidInput` for a field that is wrong, missing or
 * not known, because a misspelt field would ask for something else.
 */
export const checkOf = (fields: Readonly<Record<string, Schema.ConstraintDecoder<unknown>>>) => {
  const names = Object.keys(fields).join(", ")
  const shape = Schema.Struct(fields).annotate({ messageUnexpectedKey: `none but ${names}` })
  const decode = Schema.decodeUnknownResult(shape, { onExcessProperty: "error" })
  return (input: unknown): void => {
    if (!isObject(input)) throw new InvalidInput({ field: "input", expected: "an object" })
    const read = decode(input)
    if (Result.isFailure(read)) throw new InvalidInput(ofSchema(read.failure, "input"))
  }
}

/** What was read; throws `InvalidInput` with the field's name in the library. */
export const orThrow = <A>(
  read: Result.Result<A, Invalid>,
  names: Readonly<Record<string, string>> = {},
): A => {
  if (Result.isSuccess(read)) return read.success
  const { field, expected } = read.failure
  const [, first = field, rest = ""] = /^([\w$]+)(.*)$/s.exec(field) ?? []
  throw new InvalidInput({ field: (names[first] ?? first) + rest, expected })
}

/** A value as JSON; throws `InvalidInput` where it has none. */
export const toJson = (value: unknown, field: string): JsonObject => {
  let json: Json
  try {
    json = ExactJson.parse(JSON.stringify(value ?? {}))
  } catch (error) {
    // Circular objects and big integers have no JSON.
    throw new InvalidInput({ field, expected: `JSON (${String(error)})` })
  }
  if (isObject(json)) return json
  throw new InvalidInput({ field, expected: "a JSON object" })
}
