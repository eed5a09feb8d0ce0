import { Effect, type Schema } from "effect"
import type { InvalidQuestion } from "@onymous/api/ApiError"

/** Reads the body of a question once more, where its numbers may have lost digits on the way. */
export type ReadBody = <Body>(
  schema: Schema.Codec<Body, unknown>,
  payload: Body,
) => Effect.Effect<Body, InvalidQuestion>

/** The body as it is, because nothing between those who ask in this process and the answer loses a digit. */
export const asGiven: ReadBody = (_, payload) => Effect.succeed(payload)
