import { Effect, Layer, Schedule } from "effect"
import { FetchHttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { Authorization, OperatorAuthorization } from "@onymous/api/Authorization"
import type { Questions } from "@onymous/api/Questions"
import * as ExactAnswers from "./ExactAnswers.ts"
import type { Found } from "./ServerFile.ts"

/** Sends the same key to the endpoints of projects and of the operator. */
const withKey = (key: string) =>
  Layer.mergeAll(
    FetchHttpClient.layer,
    HttpApiMiddleware.layerClient(Authorization, ({ next, request }) =>
      next(HttpClientRequest.bearerToken(request, key)),
    ),
    HttpApiMiddleware.layerClient(OperatorAuthorization, ({ next, request }) =>
      next(HttpClientRequest.bearerToken(request, key)),
    ),
  )

/** Questions to a running server, which are the typed client of the API. */
export const make = ({ url, key }: Found): Effect.Effect<HttpApiClient.ForApi<typeof Api>> =>
  HttpApiClient.make(Api, { baseUrl: url, ...ExactAnswers.make() }).pipe(
    Effect.provide(withKey(key)),
  )

/** Repeats a wait, because a server waits ten seconds at a time for its persons, and a command waits an hour. */
const waits = Schedule.recurs(360)

/** Waits until the persons of a project are at the log's present head, or at a position. */
export const waitFor = Effect.fnUntraced(function* (
  { project }: Questions,
  params: { readonly project: string },
  position?: number,
) {
  const head = position ?? (yield* project.status({ params, query: {} })).head
  yield* Effect.retry(project.status({ params, query: { min_position: head } }), {
    schedule: waits,
    while: (error) =>
      typeof error === "object" && error !== null && "_tag" in error && error._tag === "NotReached",
  })
})
