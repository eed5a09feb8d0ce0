import { Effect, Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { ofSchema } from "@onymous/identity/schema/SchemaInvalid"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as NumberText from "@onymous/identity/encoding/NumberText"
import * as ApiFailure from "./ApiFailure.ts"

/** A request with a decoded body. */
export interface WithPayload<Body> {
  readonly payload: Body
}

interface WithRequest {
  readonly request: HttpServerRequest.HttpServerRequest
}

/**
 * Gives a handler a body whose numbers keep all their digits. Effect's own decoder keeps the nearest doubles; where
 * those differ, the text is parsed again.
 */
export const of =
  <Body, Encoded, Question extends WithPayload<Body>, A, E, R>(
    schema: Schema.Codec<Body, Encoded>,
    answer: (question: Question) => Effect.Effect<A, E, R>,
  ) =>
  (question: Question & WithRequest) =>
    Effect.flatMap(read(schema, question), (payload) => answer({ ...question, payload }))

const read = Effect.fnUntraced(function* <Body, Encoded>(
  schema: Schema.Codec<Body, Encoded>,
  { payload, request }: WithPayload<Body> & WithRequest,
) {
  const text = yield* Effect.orDie(request.text)
  if (!NumberText.mayHoldLost(text)) return payload
  const decode = Schema.decodeUnknownEffect(schema, { onExcessProperty: "error" })
  return yield* Effect.mapError(decode(ExactJson.parse(text)), (error) =>
    ApiFailure.ofBody(ofSchema(error, "body")),
  )
})
