import { Result } from "effect"
import * as Json from "@onymous/identity/encoding/Json"
import { type CaptureError, invalidToken, missingToken } from "./CaptureError.ts"

type Given = Json.Json | undefined

const isToken = (value: Given): value is string => typeof value === "string" && value !== ""

/** The tokens that a batch or an event names outside its properties. */
const ownTokens = (value: Json.Json): ReadonlyArray<string> =>
  Json.isObject(value)
    ? [Json.get(value, "api_key"), Json.get(value, "token"), Json.get(value, "$token")].filter(
        isToken,
      )
    : []

const tokenOfProperties = (value: Json.Json): Given => {
  const properties = Json.isObject(value) ? Json.get(value, "properties") : undefined
  return Json.isObject(properties) ? Json.get(properties, "token") : undefined
}

/**
 * True for a key of PostHog's form: any other text in an event's properties belongs to the client, where the token is
 * named elsewhere.
 */
const isKeyOfPostHog = (token: string): boolean => /^ph[cx]_/.test(token)

/**
 * The one token of a request, from its form or query, its batch, and its events. A request with two tokens is refused,
 * because some of its events would go to the wrong project.
 */
export const find = (
  given: ReadonlyArray<string | null | undefined>,
  values: ReadonlyArray<Json.Json>,
): Result.Result<string, CaptureError> => {
  const nested = values.map(tokenOfProperties).filter(isToken)
  const named = [
    ...given.filter(isToken),
    ...values.flatMap(ownTokens),
    ...nested.filter(isKeyOfPostHog),
  ]
  const tokens = new Set(named.length > 0 ? named : nested)
  const [token] = tokens
  if (token === undefined) return Result.fail(missingToken)
  // A personal key is secret, and is refused as a token.
  if (tokens.size > 1 || token.startsWith("phx_")) return Result.fail(invalidToken)
  return Result.succeed(token)
}
