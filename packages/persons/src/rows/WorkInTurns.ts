import { Effect } from "effect"

/** Work that yields now and then, so that the process can do other work in between. */
export type Turns<A> = Generator<undefined, A>

/** The milliseconds of one turn. Items are not counted, because clients choose how much work an item is. */
const turnLength = 10

/** Does some work on each of many items. */
export const each = function* <A>(items: Iterable<A>, work: (item: A) => void): Turns<void> {
  let end = performance.now() + turnLength
  for (const item of items) {
    work(item)
    if (performance.now() < end) continue
    yield
    end = performance.now() + turnLength
  }
}

/** Does all turns at once, where the work is short or the process has no other. */
export const atOnce = <A>(turns: Generator<unknown, A>): A => {
  for (;;) {
    const turn = turns.next()
    if (turn.done === true) return turn.value
  }
}

/** Does the work turn by turn, with the process's other work in between. */
export const inBetween = <A>(turns: Turns<A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    const turn = turns.next()
    return turn.done === true
      ? Effect.succeed(turn.value)
      : Effect.flatMap(Effect.yieldNow, () => inBetween(turns))
  })
