import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Context, Data, Effect, Layer } from "effect"
import { type HttpBody, HttpRouter, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import { Onymous, OnymousError } from "onymous"

/** A call that was rejected. */
class IdentityError extends Data.TaggedError("IdentityError")<{ readonly cause: OnymousError }> {}

/** Who is who: Onymous, as long as the application's scope is open. */
class Identity extends Context.Service<
  Identity,
  {
    /** Asks Onymous; a defect where it fails with anything but its own error. */
    readonly ask: <A>(question: (onymous: Onymous) => Promise<A>) => Effect.Effect<A, IdentityError>
  }
>()("example/Identity") {
  static readonly layer = Layer.effect(
    Identity,
    Effect.gen(function* () {
      const onymous = yield* Effect.acquireRelease(
        Effect.promise(() =>
          Onymous.open({
            database: process.env["DATABASE_URL"] ?? "memory",
            policy: { buffer_enabled: false },
          }),
        ),
        (opened) =>
          Effect.andThen(
            Effect.promise(() => opened.close()),
            Console.log("closed"),
          ),
      )
      const ask = <A>(question: (onymous: Onymous) => Promise<A>) =>
        Effect.tryPromise({
          try: () => question(onymous),
          catch: (cause) => cause,
        }).pipe(
          Effect.catch((cause) =>
            cause instanceof OnymousError
              ? Effect.fail(new IdentityError({ cause }))
              : Effect.die(cause),
          ),
        )
      return { ask }
    }),
  )
}

const answered = <R>(
  answer: Effect.Effect<
    HttpServerResponse.HttpServerResponse,
    IdentityError | HttpBody.HttpBodyError,
    R
  >,
) =>
  Effect.catchTag(answer, "IdentityError", ({ cause: { code, message, isRetryable } }) =>
    HttpServerResponse.json({ code, message }, { status: isRetryable ? 503 : 400 }),
  )

const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const { ask } = yield* Identity
    /** From now on, what the visitor did is the customer's. */
    yield* router.add(
      "POST",
      "/log-ins/:customer/:visitor",
      Effect.gen(function* () {
        const { customer = "", visitor = "" } = yield* HttpRouter.params
        yield* ask((onymous) => onymous.identify({ distinctId: customer, anonymousId: visitor }))
        return HttpServerResponse.empty()
      }).pipe(answered),
    )
    /** Who is it? */
    yield* router.add(
      "GET",
      "/people/:id",
      Effect.gen(function* () {
        const { id = "" } = yield* HttpRouter.params
        const person = yield* ask((onymous) => onymous.person(id))
        if (person === undefined) return HttpServerResponse.empty({ status: 404 })
        return yield* HttpServerResponse.json({ ids: person.distinctIds })
      }).pipe(answered),
    )
  }),
)

const port = Number(process.env["PORT"] ?? 3000)

const application = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.tap(() => Console.log(`listens on http://127.0.0.1:${port}`)),
  Layer.provide(NodeHttpServer.layer(createServer, { port })),
  // Provided last, so that it is closed last: after the requests under way.
  Layer.provide(Identity.layer),
)

NodeRuntime.runMain(Layer.launch(application))
