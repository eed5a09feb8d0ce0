import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { type HttpBody, HttpRouter, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import type { OnymousError } from "onymous"
import { layer, Onymous } from "onymous/effect"

const answered = <R>(
  answer: Effect.Effect<
    HttpServerResponse.HttpServerResponse,
    OnymousError | HttpBody.HttpBodyError,
    R
  >,
) =>
  Effect.catchTag(answer, "OnymousError", ({ code, message, isRetryable }) =>
    HttpServerResponse.json({ code, message }, { status: isRetryable ? 503 : 400 }),
  )

const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const onymous = yield* Onymous
    /** From now on, what the visitor did is the customer's. */
    yield* router.add(
      "POST",
      "/log-ins/:customer/:visitor",
      Effect.gen(function* () {
        const { customer = "", visitor = "" } = yield* HttpRouter.params
        yield* onymous.identify({ distinctId: customer, anonymousId: visitor })
        return HttpServerResponse.empty()
      }).pipe(answered),
    )
    /** Who is it? */
    yield* router.add(
      "GET",
      "/people/:id",
      Effect.gen(function* () {
        const { id = "" } = yield* HttpRouter.params
        const person = yield* onymous.person(id)
        if (person === undefined) return HttpServerResponse.empty({ status: 404 })
        return yield* HttpServerResponse.json({ ids: person.distinctIds })
      }).pipe(answered),
    )
  }),
)

const port = Number(process.env["PORT"] ?? 3000)

/** Who is who, for as long as the application is there. */
const identity = layer({
  database: process.env["DATABASE_URL"] ?? "memory",
  policy: { buffer_enabled: false },
}).pipe(Layer.provide(Layer.effectDiscard(Effect.addFinalizer(() => Console.log("closed")))))

const application = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.tap(() => Console.log(`listens on http://127.0.0.1:${port}`)),
  Layer.provide(NodeHttpServer.layer(createServer, { port })),
  // Provided last, so that it is closed last: after the requests under way.
  Layer.provide(identity),
)

NodeRuntime.runMain(Layer.launch(application))
