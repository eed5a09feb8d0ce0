import { Context, Duration, Effect, Fiber } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { EventLog } from "@onymous/log/EventLog"
import * as Projector from "@onymous/projector/Projector"

/** A database that takes longer than this counts as down. */
const timeout = Duration.seconds(5)

/** The lag in seconds beyond which a server is not ready; no limit by default. */
export const ReadyLag = Context.Reference<number | undefined>("@onymous/server/Health/ReadyLag", {
  defaultValue: () => undefined,
})

/** The paths for balancers. */
const paths = { live: "/livez", ready: "/readyz", health: "/health" } as const

/** True for a path that any client may request by any name of the server, because it reveals nothing about persons. */
export const isPublic = (path: string): boolean =>
  Object.values(paths).some((each) => each === path)

const alive = HttpServerResponse.jsonUnsafe({ status: "ok" })

const down = (status: string) => HttpServerResponse.jsonUnsafe({ status }, { status: 503 })

/**
 * A server is alive while the process answers, up while the log accepts events, and ready while, in addition, no
 * project is further behind than the operator allows. Projects that stand still are only counted, because the log
 * accepts their events.
 */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const log = yield* EventLog
    const { stopped, gapAge } = yield* Projector.Projector
    const readyLag = yield* ReadyLag
    const up = Effect.map(stopped, (count) =>
      HttpServerResponse.jsonUnsafe({ status: "ok", ...(count > 0 && { stopped: count }) }),
    )
    // In a fiber of its own, because a silent connection holds its fiber until the limit of its statement.
    const takesEvents = Effect.flatMap(Effect.forkDetach(log.ready), (fiber) =>
      Effect.timeout(Fiber.join(fiber), timeout),
    )
    const health = (whenUp: typeof up) =>
      Effect.matchEffect(takesEvents, {
        onFailure: () => Effect.succeed(down("unavailable")),
        onSuccess: () => whenUp,
      })
    const withinLag = Effect.flatMap(gapAge, (seconds) =>
      readyLag !== undefined && seconds > readyLag ? Effect.succeed(down("behind")) : up,
    )
    yield* router.add("GET", paths.live, Effect.succeed(alive))
    yield* router.add("GET", paths.health, health(up))
    yield* router.add("GET", paths.ready, health(withinLag))
  }),
)
