import { Schema, SchemaGetter, SchemaTransformation } from "effect"
import * as Json from "@onymous/identity/encoding/Json"
import { shownAs } from "@onymous/identity/encoding/JsonField"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"

/** The reason for which an event of the log could not hold a body. */
const excessOf = (body: Json.Json): string | undefined => {
  if (Json.isDeeperThan(body, Json.depthMax)) return `at most ${Json.depthMax} levels of nesting`
  return EventDecoder.isTooLarge(JSON.stringify(body))
    ? `at most ${EventDecoder.bytesMax} bytes of JSON`
    : undefined
}

/** Of a number that no double holds, whoever reads the text again has the digits: so far, it is infinite. */
const isParsed = (value: unknown): value is Json.Json => value !== undefined

/** Any JSON value, also one with numbers that no double holds. */
export const Parsed = Schema.declare(isParsed, {
  expected: "JSON value",
  toCodecJson: () => undefined,
})

/**
 * A body that becomes an event of the log: it may nest no deeper and be no larger than an event.
 * Its texts are cleaned as those of events are, then its own schema reads it.
 */
export const of = <Body>(body: Schema.Codec<Body, unknown>): Schema.Codec<Body, Json.Json> =>
  Parsed.check(Schema.makeFilter(excessOf, shownAs(body))).pipe(
    Schema.decodeTo(Schema.Unknown, {
      decode: SchemaGetter.transform(Json.clean),
      encode: SchemaGetter.passthrough({ strict: false }),
    }),
    Schema.decodeTo(body, SchemaTransformation.passthrough({ strict: false })),
  )
