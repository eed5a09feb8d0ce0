import { Effect } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as NumberText from "@onymous/identity/encoding/NumberText"

/**
 * Keeps all digits of numbers in answers. Effect's client parses JSON to doubles, so numbers that a double does not keep
 * pass through it as texts with a mark that no answer can have.
 */
export const make = () => {
  const mark = `number ${crypto.randomUUID()} `
  let isMarked = false

  const marked = (text: string): string => {
    isMarked = true
    return JSON.stringify(ExactJson.parse(text), (_, value: unknown) =>
      NumberText.isNumberText(value) ? `${mark}${value.rawJSON}` : value,
    )
  }

  const unmarked = (value: unknown): unknown => {
    if (typeof value === "string") {
      return value.startsWith(mark) ? NumberText.of(value.slice(mark.length)) : value
    }
    if (Array.isArray(value)) return value.map(unmarked)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unmarked(each)]))
  }

  const exact = Effect.fnUntraced(function* (response: HttpClientResponse.HttpClientResponse) {
    const { "content-type": type = "" } = response.headers
    if (!type.startsWith("application/json")) return response
    const text = yield* response.text
    if (!NumberText.mayHoldLost(text)) return response
    const { status, headers } = response
    return HttpClientResponse.fromWeb(
      response.request,
      new Response(marked(text), { status, headers }),
    )
  })

  return {
    transformClient: HttpClient.transformResponse(Effect.flatMap(exact)),
    transformResponse: (decoded: Effect.Effect<unknown, unknown, unknown>) =>
      Effect.map(decoded, (form) => (isMarked ? unmarked(form) : form)),
  }
}
