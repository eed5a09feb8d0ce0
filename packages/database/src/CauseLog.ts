import { Clock, Effect, type Scope } from "effect"
import { causeText } from "./ErrorText.ts"

/** The pause after a line, in milliseconds, because thousands of failures would bury the line. */
const quietTime = 1000

/** Logs why something failed: the first failure at once, later ones once a second at most, with their count. */
export const make = Effect.fnUntraced(function* (
  what: string,
): Effect.fn.Return<(cause: unknown) => Effect.Effect<void>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let quietUntil = Number.NEGATIVE_INFINITY
  let backlog: { readonly cause: unknown; readonly count: number } | undefined

  const say = Effect.fnUntraced(function* (cause: unknown, more: number) {
    quietUntil = (yield* Clock.currentTimeMillis) + quietTime
    yield* Effect.logWarning(
      `${what}: ${causeText(cause)}${more === 0 ? "" : ` (and ${more} more)`}`,
    )
  })

  const sayLater = Effect.gen(function* () {
    yield* Effect.sleep(quietUntil - (yield* Clock.currentTimeMillis))
    if (backlog === undefined) return
    const { cause, count } = backlog
    backlog = undefined
    yield* say(cause, count - 1)
  })

  return Effect.fnUntraced(function* (cause) {
    if (backlog !== undefined) {
      backlog = { cause, count: backlog.count + 1 }
    } else if ((yield* Clock.currentTimeMillis) >= quietUntil) {
      yield* say(cause, 0)
    } else {
      backlog = { cause, count: 1 }
      yield* Effect.forkIn(sayLater, scope)
    }
  })
})
