import { Cause, Effect, Exit, Fiber, Latch, Option, Pull, Schedule } from "effect"
import type { Duration, Scope } from "effect"
import type { Behavior, Receive } from "./Behavior.ts"
import * as Mailbox from "./Mailbox.ts"

/** The most time that a closing kind gives an actor to finish the message in hand. */
export const stopTimeLimit: Duration.Input = "10 seconds"

/**
 * The state of one actor in memory. Its own fiber mutates it, and its kind between that fiber's
 * steps.
 */
export interface Cell<Message> {
  readonly key: string
  readonly mailbox: Mailbox.Mailbox<Message>
  readonly arrivalLatch: Latch.Latch
  /**
   * The message that the actor handles now; a failed message stays here, so that it comes first
   * again.
   */
  inHand: Option.Option<Message>
  messagesHandled: number
  fiber: Fiber.Fiber<void> | undefined
  death: Cause.Cause<never> | undefined
}

/** A behaviour whose `start` has its requirements provided. */
export interface Life<Message, E> extends Pick<
  Behavior<Message, E>,
  "kind" | "maxIdleTime" | "restart"
> {
  readonly start: (key: string, scope: Scope.Scope) => Effect.Effect<Receive<Message, E>, E>
}

/** A cell with an empty mailbox and no fiber yet. */
export const make = <Message>(key: string, mailboxCapacity: number): Cell<Message> => ({
  key,
  mailbox: Mailbox.make(mailboxCapacity),
  arrivalLatch: Latch.makeUnsafe(false),
  inHand: Option.none(),
  messagesHandled: 0,
  fiber: undefined,
  death: undefined,
})

/**
 * Handles the cell's messages until the cell is idle. A typed failure restarts the actor; anything
 * else ends it.
 */
export const live = Effect.fnUntraced(function* <Message, E>(
  cell: Cell<Message>,
  life: Life<Message, E>,
) {
  let pause = yield* Schedule.toStepWithSleep(life.restart)
  while (true) {
    const handledBefore = cell.messagesHandled
    const exit = yield* Effect.exit(liveOnce(cell, life))
    if (Exit.isSuccess(exit)) return
    const error = restartable(exit.cause)
    if (Option.isNone(error)) return yield* Effect.die(Cause.squash(exit.cause))
    // Debug alone, because a cause that all actors share would fail all of them again and again; the behaviour reports it.
    yield* Effect.logDebug(`The actor ${life.kind}/${cell.key} failed`, exit.cause)
    // A handled message resets the schedule; otherwise rare failures would exhaust it over a
    // long life.
    if (cell.messagesHandled > handledBefore) pause = yield* Schedule.toStepWithSleep(life.restart)
    yield* Pull.catchDone(pause(error.value), () => Effect.die(error.value))
  }
})

/**
 * The error to restart after; none where the cause also has a defect, for example of a finalizer.
 */
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
    if (Option.isNone(cell.inHand)) {
      if (cell.mailbox.size() === 0) yield* arrival(cell, life.maxIdleTime)
      cell.inHand = cell.mailbox.take()
    }
    // The idle time may run out just as a message arrives, so the mailbox decides.
    if (Option.isNone(cell.inHand)) return
    yield* handle(cell, receive(cell.inHand.value))
  }
})

/**
 * Waits for a message or the end of the idle time. The yield lets the sender finish its step first,
 * so that its equal messages become one.
 */
const arrival = <Message>(cell: Cell<Message>, maxIdleTime: Duration.Input) =>
  Effect.suspend(() => {
    cell.arrivalLatch.closeUnsafe()
    return Effect.andThen(
      Effect.timeoutOption(cell.arrivalLatch.await, maxIdleTime),
      Effect.yieldNow,
    )
  })

/**
 * Handles a message in a fiber of its own. An interruption that stops the actor waits for it,
 * because the message may have written one half of what belongs together.
 */
const handle = <Message, E>(cell: Cell<Message>, handling: Effect.Effect<void, E>) =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      const fiber = yield* Effect.forkChild(handling, { startImmediately: true })
      const waiting = yield* Effect.exit(restore(Fiber.await(fiber)))
      if (Exit.isFailure(waiting)) {
        yield* Effect.timeoutOption(Fiber.await(fiber), stopTimeLimit)
        yield* Fiber.interrupt(fiber)
      }
      const exit = yield* Fiber.await(fiber)
      if (Exit.isSuccess(exit)) {
        cell.inHand = Option.none()
        cell.messagesHandled++
      }
      return yield* exit
    }),
  )
