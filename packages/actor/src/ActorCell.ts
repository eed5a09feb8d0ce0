import {
  Array as Arr,
  Cause,
  Effect,
  Exit,
  Fiber,
  Latch,
  Option,
  Pull,
  Schedule,
  type Duration,
  type Scope,
} from "effect"
import type { Behavior, Receive } from "./Behavior.ts"
import * as Mailbox from "./Mailbox.ts"

/** How long a stopped actor may take to finish the batch in hand before it is interrupted. */
export const stopTimeLimit: Duration.Input = "10 seconds"

/** One actor in memory; it is changed by its own fiber and, between that fiber's steps, by its kind. */
export interface Cell<Message> {
  readonly key: string
  readonly mailbox: Mailbox.Mailbox<Message>
  readonly arrived: Latch.Latch
  /** Taken and not yet handled: a batch that failed stays here, so that it comes first again. */
  inHand: ReadonlyArray<Message>
  batchesHandled: number
  fiber: Fiber.Fiber<void> | undefined
  stopping: boolean
  death: Cause.Cause<never> | undefined
}

/** What a cell does, with the requirements of `start` already met. */
export interface Life<Message, E> extends Pick<
  Behavior<Message, E>,
  "kind" | "batchWeightMax" | "idleTimeout" | "restart"
> {
  readonly start: (key: string, scope: Scope.Scope) => Effect.Effect<Receive<Message, E>, E>
}

/** A cell with an empty mailbox and no fiber yet. */
export const make = <Message>(key: string, options: Mailbox.Options<Message>): Cell<Message> => ({
  key,
  mailbox: Mailbox.make(options),
  arrived: Latch.makeUnsafe(false),
  inHand: [],
  batchesHandled: 0,
  fiber: undefined,
  stopping: false,
  death: undefined,
})

/** Handles the cell's messages until it is idle; typed failures restart it, all others end it. */
export const live = Effect.fnUntraced(function* <Message, E>(
  cell: Cell<Message>,
  life: Life<Message, E>,
) {
  let pause = yield* Schedule.toStepWithSleep(life.restart)
  while (true) {
    const batchesBefore = cell.batchesHandled
    const exit = yield* Effect.exit(liveOnce(cell, life))
    if (Exit.isSuccess(exit)) return
    const error = restartable(exit.cause)
    if (Option.isNone(error)) return yield* Effect.die(Cause.squash(exit.cause))
    yield* Effect.logWarning(`The actor ${life.kind}/${cell.key} failed`, exit.cause)
    // Without this, rare failures in a long life would add up to an exhausted schedule.
    if (cell.batchesHandled > batchesBefore) pause = yield* Schedule.toStepWithSleep(life.restart)
    yield* Pull.catchDone(pause(error.value), () => Effect.die(error.value))
  }
})

/** A defect beside a typed failure (a finalizer that dies, say) must not be restarted away. */
const restartable = <E>(cause: Cause.Cause<E>): Option.Option<E> =>
  Cause.hasDies(cause) ? Option.none() : Cause.findErrorOption(cause)

const liveOnce = <Message, E>(cell: Cell<Message>, life: Life<Message, E>) =>
  Effect.scopedWith((scope) =>
    Effect.flatMap(life.start(cell.key, scope), (receive) => serve(cell, life, receive)),
  )

const serve = Effect.fnUntraced(function* <Message, E>(
  cell: Cell<Message>,
  life: Life<Message, E>,
  receive: Receive<Message, E>,
) {
  while (true) {
    if (cell.inHand.length === 0) {
      if (cell.mailbox.size() === 0) yield* arrival(cell, life.idleTimeout)
      cell.inHand = cell.mailbox.takeBatch(life.batchWeightMax)
    }
    // Idle: the timeout and a message may come together, so only the mailbox itself decides.
    if (!Arr.isReadonlyArrayNonEmpty(cell.inHand)) return
    yield* handle(cell, receive(cell.inHand))
  }
})

/** Opening a latch resumes who waits within the teller's step; the yield lets that step end first. */
const arrival = <Message>(cell: Cell<Message>, idleTimeout: Duration.Input) =>
  Effect.suspend(() => {
    cell.arrived.closeUnsafe()
    return Effect.andThen(Effect.timeoutOption(cell.arrived.await, idleTimeout), Effect.yieldNow)
  })

/**
 * The batch has a fiber of its own so that the interruption which stops the actor does not reach it
 * at once: a half-written batch is the one thing a stop should not leave behind.
 */
const handle = <Message, E>(cell: Cell<Message>, batch: Effect.Effect<void, E>) =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      const fiber = yield* Effect.forkChild(batch, { startImmediately: true })
      const awaited = yield* Effect.exit(restore(Fiber.await(fiber)))
      if (Exit.isFailure(awaited)) {
        yield* Effect.timeoutOption(Fiber.await(fiber), stopTimeLimit)
        yield* Fiber.interrupt(fiber)
      }
      const exit = yield* Fiber.await(fiber)
      if (Exit.isSuccess(exit)) {
        cell.inHand = []
        cell.batchesHandled++
      }
      return yield* exit
    }),
  )
