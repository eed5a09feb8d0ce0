import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse, type HttpServer, type HttpServerError } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { createServer } from "node:http"
import { Api } from "@onymous/api/Api"
import { EventLog } from "@onymous/log/EventLog"
import type { Persons } from "@onymous/projector/Persons"
import type { Projector } from "@onymous/projector/Projector"
import * as ApiHandlers from "./ApiHandlers.ts"
import * as Authorization from "./Authorization.ts"
import * as Capture from "./Capture.ts"
import { page } from "./Page.ts"

const api = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide(ApiHandlers.layer),
  Layer.provide([Authorization.layer, Authorization.questionErrors]),
)

const docs = HttpApiScalar.layer(Api, { path: "/docs" })

/** Up while the database answers. */
const health = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const log = yield* EventLog
    const down = HttpServerResponse.jsonUnsafe({ status: "unavailable" }, { status: 503 })
    const up = HttpServerResponse.jsonUnsafe({ status: "ok" })
    yield* router.add(
      "GET",
      "/health",
      Effect.matchEager(log.heads, { onFailure: () => down, onSuccess: () => up }),
    )
    yield* router.add(
      "GET",
      "/",
      Effect.succeed(HttpServerResponse.text(page, { contentType: "text/html" })),
    )
  }),
)

/** Everything that is answered over HTTP, on whatever server. Request lines hold tokens: none is logged. */
export const routes = Layer.mergeAll(Capture.layer, api, docs, health).pipe(
  Layer.provide(HttpRouter.disableLogger),
)

/** Listens, and on the end of its scope lets requests that are under way finish. */
export const layer = (options: {
  readonly host: string
  readonly port: number
}): Layer.Layer<
  HttpServer.HttpServer,
  HttpServerError.ServeError,
  EventLog | Persons | Projector
> =>
  HttpRouter.serve(routes, { disableListenLog: true }).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, options)),
  )
