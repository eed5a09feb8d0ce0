import { Clock, Effect, type Scope } from "effect"
import { causeText } from "./ErrorText.ts"

/** How long nothing is told after a line, in milliseconds: what fails by thousands would bury it. */
const quietTime = 1000

/** Tells why something failed: the first time at once, then once a second at most, with how many more there were. */
export const make = Effect.fnUntraced(function* (
  what: string,
): Effect.fn.Return<(cause: unknown) => Effect.Effect<void>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let quietUntil = Number.NEGATIVE_INFINITY
  let untold: { readonly cause: unknown; readonly count: number } | undefined

  const say = Effect.fnUntraced(function* (cause: unknown, more: number) {
    quietUntil = (yield* Clock.currentTimeMillis) + quietTime
    yield* Effect.logWarning(
      `${what}: ${causeText(cause)}${more === 0 ? "" : ` (and ${more} more)`}`,
    )
  })

  const sayLater = Effect.gen(function* () {
    yield* Effect.sleep(quietUntil - (yield* Clock.currentTimeMillis))
    if (untold === undefined) return
    const { cause, count } = untold
    untold = undefined
    yield* say(cause, count - 1)
  })

  return Effect.fnUntraced(function* (cause) {
    if (untold !== undefined) {
      untold = { cause, count: untold.count + 1 }
    } else if ((yield* Clock.currentTimeMillis) >= quietUntil) {
      yield* say(cause, 0)
    } else {
      untold = { cause, count: 1 }
      yield* Effect.forkIn(sayLater, scope)
    }
  })
})
