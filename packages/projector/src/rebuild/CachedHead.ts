import { Clock, Duration, Effect } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"

/** The time for which the log's head is cached, because each look is a query. */
const headTime = Duration.millis(200)

/**
 * The log's head: from the cache, unless the caller needs it exact or has passed the cached
 * position.
 */
export const of = <E>(look: Effect.Effect<Position, E>) => {
  let cache = { at: Number.NEGATIVE_INFINITY, head: zero }
  return (position: Position, isExact: boolean) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      !isExact && now - cache.at < Duration.toMillis(headTime) && position <= cache.head
        ? Effect.succeed(cache.head)
        : Effect.tap(look, (head) => Effect.sync(() => (cache = { at: now, head }))),
    )
}
