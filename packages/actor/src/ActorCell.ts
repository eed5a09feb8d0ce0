import { Cause, Effect, Exit, Fiber, Latch, Option, Pull, Schedule } from "effect"
import type { Duration, Scope } from "effect"
import type { Behavior, Receive } from "./Behavior.ts"
import * as Mailbox from "./Mailbox.ts"

/** How long an actor whose kind closes may take to finish the message in hand. */
export const stopTimeLimit: Duration.Input = "10 seconds"

/** One actor in memory; it is changed by its own fiber and, between that fiber's steps, by its kind. */
export interface Cell<Message> {
  readonly key: string
  readonly mailbox: Mailbox.Mailbox<Message>
  readonly arrived: Latch.Latch
  /** Taken and not yet handled: a message that failed stays here, so that it comes first again. */
  inHand: Option.Option<Message>
  messagesHandled: number
  fiber: Fiber.Fiber<void> | undefined
  death: Cause.Cause<never> | undefined
}

/** What a cell does, with the requirements of `start` already met. */
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
  arrived: Latch.makeUnsafe(false),
  inHand: Option.none(),
  messagesHandled: 0,
  fiber: undefined,
  death: undefined,
})

/** Handles the cell's messages until it is idle; typed failures restart it, all others end it. */
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
    yield* Effect.logWarning(`The actor ${life.kind}/${cell.key} failed`, exit.cause)
    // Without this, rare failures in a long life would add up to an exhausted schedule.
    if (cell.messagesHandled > handledBefore) pause = yield* Schedule.toStepWithSleep(life.restart)
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
    if (Option.isNone(cell.inHand)) {
      if (cell.mailbox.size() === 0) yield* arrival(cell, life.maxIdleTime)
      cell.inHand = cell.mailbox.take()
    }
    // The idle time may end as a message comes: only the mailbox itself decides.
    if (Option.isNone(cell.inHand)) return
    yield* handle(cell, receive(cell.inHand.value))
  }
})

/** The yield lets the teller's step end first, because all its equal messages should be one. */
const arrival = <Message>(cell: Cell<Message>, maxIdleTime: Duration.Input) =>
  Effect.suspend(() => {
    cell.arrived.closeUnsafe()
    return Effect.andThen(Effect.timeoutOption(cell.arrived.await, maxIdleTime), Effect.yieldNow)
  })

/**
 * A message is handled in a fiber of its own, because the interruption that stops the actor must not
 * reach it at once: it may have written one half of what belongs together.
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
