import { Context, Duration, Effect, Fiber } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { EventLog } from "@onymous/log/EventLog"
import * as Projector from "@onymous/projector/Projector"

/** A database that takes longer counts as down. */
const timeout = Duration.seconds(5)

/** For how many seconds persons may be behind before a server says that it is not ready; no limit by default. */
export const ReadyLag = Context.Reference<number | undefined>("@onymous/server/Health/ReadyLag", {
  defaultValue: () => undefined,
})

/** The paths by which a balancer asks. */
const paths = { live: "/livez", ready: "/readyz", health: "/health" } as const

/** True for what anybody may ask, by whatever name of the server: it tells nothing of anybody. */
export const isOfNobody = (path: string): boolean =>
  Object.values(paths).some((each) => each === path)

const alive = HttpServerResponse.jsonUnsafe({ status: "ok" })

const down = (status: string) => HttpServerResponse.jsonUnsafe({ status }, { status: 503 })

/**
 * Alive while the process answers; up while the log takes events; ready while, beside that, no project is further
 * behind than the operator allows. How many projects stand still is told beside, since the log takes their events, too.
 */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const log = yield* EventLog
    const { stopped, gapAge } = yield* Projector.Projector
    const readyLag = yield* ReadyLag
    const up = Effect.map(stopped, (count) =>
      HttpServerResponse.jsonUnsafe({ status: "ok", ...(count > 0 && { stopped: count }) }),
    )
    // In a fiber of its own, because a silent connection is given up only at the limit of its statement.
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
