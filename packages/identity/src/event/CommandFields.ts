import { Schema, SchemaTransformation } from "effect"
import * as Json from "../encoding/Json.ts"
import { shownAs, told } from "../encoding/JsonField.ts"
import * as Uuid from "../encoding/Uuid.ts"

/** A distinct id short enough for the log. */
export const Id = told(Schema.NonEmptyString, "a distinct id")

/** Distinct ids of a stored person, without a limit of length: an unknown id is refused anyway. */
export const Ids = told(Schema.NonEmptyArray(Schema.String), "a list of distinct ids")

/** A text for the reader of the log. */
export const Text = told(
  Schema.String.check(Schema.makeFilter((text: string) => text.trim() !== "")),
  "a text that is not blank",
)

/** The name of a property, or a list of names. */
export const Keys = told(
  Schema.Union([Schema.String, Schema.NonEmptyArray(Schema.String)]),
  "a property's name, or a list of names",
)

export const EventUuid = told(
  Schema.String,
  "the uuid of an event",
  (value): value is string => Uuid.normalised(value) !== undefined,
)

/** A text that the body must have; `says` describes it where it is missing. */
export const textThat = (says: string) => Text.annotateKey({ messageMissingKey: says })

/** The fields of a body. Where a door refuses unknown fields, the error names the field. */
export const of = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotate({ messageUnexpectedKey: "no such field" })

/** The body without the fields that are null. */
const withoutNulls = (value: unknown): unknown => {
  if (!Json.isObject(value)) return value
  const given = Json.emptyObject()
  for (const [key, member] of Object.entries(value)) if (member !== null) given[key] = member
  return given
}

/** Lets a body's fields be null, and reads null as a missing field. */
export const nullable = <Body, Encoded>(
  body: Schema.Codec<Body, Encoded>,
): Schema.Codec<Body, unknown> =>
  Schema.Unknown.check(Schema.makeFilter(() => true, shownAs(body))).pipe(
    Schema.decodeTo(
      Schema.Unknown,
      SchemaTransformation.transform({ decode: withoutNulls, encode: (value: unknown) => value }),
    ),
    Schema.decodeTo(body, SchemaTransformation.passthrough({ strict: false })),
  )
