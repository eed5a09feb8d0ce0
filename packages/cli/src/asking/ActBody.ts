import { type Effect, Result, Schema } from "effect"
import * as LogBody from "@onymous/api/bodies/LogBody"
import { ofSchema } from "@onymous/identity/schema/SchemaInvalid"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import type { WrongUse } from "../CommandError.ts"
import { type Names, orWrongUse } from "./AskingError.ts"

/**
 * Reads the body of an act as the API does, or fails with wrong use before a request; null stands for an absent
 * field.
 */
export const read = <Body>(
  body: Schema.Codec<Body, unknown>,
  given: JsonObject,
  names: Names,
): Effect.Effect<Body, WrongUse> => {
  const decoded = Schema.decodeUnknownResult(LogBody.of(body))(given)
  return orWrongUse(
    Result.mapError(decoded, (error) => ofSchema(error, "body")),
    names,
  )
}
