import { Effect, Layer } from "effect"
import { FetchHttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { Authorization, OperatorAuthorization } from "@onymous/api/Authorization"

/** Asks the server that the page came from. */
export type Client = HttpApiClient.ForApi<typeof Api>

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

/** A client that brings a key. */
export const make = (key: string): Effect.Effect<Client> =>
  HttpApiClient.make(Api, { baseUrl: window.location.origin }).pipe(Effect.provide(withKey(key)))
