import { Effect, Option, Schema } from "effect"
import { HttpServerRequest } from "effect/http"
import { ofSchema } from "@onymous/identity/schema/SchemaInvalid"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as NumberText from "@onymous/identity/encoding/NumberText"
import * as ApiFailure from "./ApiFailure.ts"

/**
 * The decoded body of a request, whose numbers keep all their digits. Effect's own decoder keeps the nearest doubles;
 * where those differ, the text is parsed again. What asks in this process without a request has its body as it is.
 */
export const read = Effect.fnUntraced(function* <Body>(
  schema: Schema.Codec<Body, unknown>,
  payload: Body,
) {
  const request = yield* Effect.serviceOption(HttpServerRequest.HttpServerRequest)
  if (Option.isNone(request)) return payload
  const text = yield* Effect.orDie(request.value.text)
  if (!NumberText.mayHoldLost(text)) return payload
  const decode = Schema.decodeUnknownEffect(schema, { onExcessProperty: "error" })
  return yield* Effect.mapError(decode(ExactJson.parse(text)), (error) =>
    ApiFailure.ofBody(ofSchema(error, "body")),
  )
})
