import { Schema, SchemaTransformation } from "effect"
import { isTooLong } from "./DistinctId.ts"
import * as Json from "../encoding/Json.ts"
import { shownAs, told } from "../encoding/JsonField.ts"
import { isUuid } from "../encoding/Uuid.ts"

/** A distinct id, as the log can hold it. */
export const Id = told(Schema.NonEmptyString, "a distinct id").check(
  Schema.makeFilter((id: string) => !isTooLong(id) || "at most 2000 bytes"),
)

/** Ids of one person: how long one is tells nothing new, where it has to be one of the person's. */
export const Ids = told(Schema.NonEmptyArray(Schema.String), "a list of distinct ids")

/** Says something to whoever reads it later. */
export const Text = told(
  Schema.String.check(Schema.makeFilter((text: string) => text.trim() !== "")),
  "a text that is not blank",
)

/** The name of a property, or several. */
export const Keys = told(
  Schema.Union([Schema.String, Schema.NonEmptyArray(Schema.String)]),
  "a property's name, or a list of names",
)

/** Which event is meant. */
export const EventUuid = told(Schema.String, "the uuid of an event", isUuid)

/** A text that has to be there, and for what. */
export const textThat = (says: string) => Text.annotateKey({ messageMissingKey: says })

/** The fields of a body; one that is not among them is refused by its name where a door asks for that. */
export const of = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotate({ messageUnexpectedKey: "no such field" })

/** A field that is null is a field that is not given. */
const withoutNulls = (value: unknown): unknown => {
  if (!Json.isObject(value)) return value
  const given = Json.emptyObject()
  for (const [key, member] of Object.entries(value)) if (member !== null) given[key] = member
  return given
}

/** A body that may have fields that are null: they count as not given. */
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
