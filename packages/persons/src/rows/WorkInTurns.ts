import { Effect } from "effect"

/** Work that stops now and then, so that whatever else this process does has its turn. */
export type Turns<A> = Generator<undefined, A>

/** How much is done in one turn. */
const perTurn = 2000

/** Does something with each of many items. */
export const each = function* <A>(items: Iterable<A>, work: (item: A) => void): Turns<void> {
  let left = perTurn
  for (const item of items) {
    work(item)
    if (--left > 0) continue
    left = perTurn
    yield
  }
}

/** Does all of it at once, where it is little or nothing else is to be done. */
export const atOnce = <A>(turns: Generator<unknown, A>): A => {
  for (;;) {
    const turn = turns.next()
    if (turn.done === true) return turn.value
  }
}

/** Does it turn by turn, with whatever else this process does in between. */
export const inBetween = <A>(turns: Turns<A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    const turn = turns.next()
    return turn.done === true
      ? Effect.succeed(turn.value)
      : Effect.flatMap(Effect.yieldNow, () => inBetween(turns))
  })
