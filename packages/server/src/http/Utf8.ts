import { Effect } from "effect"
import { HttpMiddleware, HttpServerRequest, HttpServerResponse } from "effect/http"
import { isUtf8 } from "node:buffer"
import { invalidQuestion } from "@onymous/api/ApiError"
import * as ApiFailure from "./ApiFailure.ts"
import * as Refusal from "./Refusal.ts"

/** What is expected where bytes are no UTF-8: a lenient reading could make another person's id of them. */
const expected = "UTF-8"

/** The escaped bytes of a part of a URL, which Node gives as ASCII. */
const bytesOf = (text: string): Uint8Array =>
  Buffer.from(
    text.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    "latin1",
  )

const isRead = (text: string): boolean => isUtf8(bytesOf(text))

/** The project in the path of a question, as it was sent. */
const projectIn = (path: string): string => /^\/api\/projects\/([^/]*)/.exec(path)?.[1] ?? ""

/** The parameter of a question whose bytes are no UTF-8, if there is one; `query` where its own name is not. */
const unreadIn = (url: string): string | undefined => {
  const path = Refusal.pathOf(url)
  if (!Refusal.isOfApi(path) || !url.includes("%")) return undefined
  if (!isRead(projectIn(path))) return "project"
  const [, query = ""] = /\?([^#]*)/s.exec(url) ?? []
  const unread = query.split("&").find((parameter) => !isRead(parameter))
  if (unread === undefined) return undefined
  const [name = ""] = unread.split("=")
  return isRead(name) ? new URLSearchParams(name).keys().next().value : "query"
}

/** Refuses questions with a parameter that is no UTF-8. It runs before the routes, because no route has such a path. */
export const parameters = HttpMiddleware.make((answer) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
    const field = unreadIn(url)
    if (field === undefined) return answer
    const { code, message } = invalidQuestion({ field, expected })
    const body = { code, message, field, expected }
    return Effect.succeed(HttpServerResponse.jsonUnsafe(body, { status: 400 }))
  }),
)

/** Fails where the body of a request is no UTF-8. The request keeps its bytes for whoever reads it next. */
export const checkBody = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  // A client may hang up in the middle of its body, which is no defect of ours.
  const bytes = yield* Effect.mapError(request.arrayBuffer, () =>
    ApiFailure.ofBody({ field: "body", expected: "a whole body" }),
  )
  if (!isUtf8(bytes)) return yield* ApiFailure.ofBody({ field: "body", expected })
})
