import { Cause, Context, Deferred, Effect, Exit, Fiber, Option, Scope } from "effect"
import { ActorDied, MailboxFull, type ActorRef, type Behavior } from "./Behavior.ts"
import * as ActorCell from "./ActorCell.ts"

/** The actors of one behaviour in this process, by key. */
export interface Kind<Message, E> {
  readonly behavior: Behavior<Message, E, unknown>
  readonly life: ActorCell.Life<Message, E>
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  readonly firstDeath: Deferred.Deferred<never>
  readonly cells: Map<string, ActorCell.Cell<Message>>
  isClosed: boolean
}

export interface Options<Message, E, R> {
  readonly behavior: Behavior<Message, E, R>
  /**
   * The context for `start`: that of the fiber that registers the behaviour, not of the first
   * sender.
   */
  readonly context: Context.Context<R>
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  readonly firstDeath: Deferred.Deferred<never>
}

/** A kind without actors: the first message to a key starts its actor. */
export const make = <Message, E, R>(options: Options<Message, E, R>): Kind<Message, E> => {
  const { behavior, context, fork, firstDeath } = options
  const { kind, maxIdleTime, restart } = behavior
  const start = (key: string, scope: Scope.Scope) =>
    Effect.setContext(behavior.start(key), Context.add(context, Scope.Scope, scope))
  const life = { kind, maxIdleTime, restart, start }
  return { behavior, life, fork, firstDeath, cells: new Map(), isClosed: false }
}

/** The reference through which other code sends messages to the kind. */
export const ref = <Message, E>(kind: Kind<Message, E>): ActorRef<Message> => ({
  tell: (key, message) => Effect.suspend(() => tell(kind, key, message)),
})

/**
 * Stops all actors at once. Each finishes the message in hand, within `stopTimeLimit`, and handles
 * no other. Returns when all their scopes are closed.
 */
export const close = <Message, E>(kind: Kind<Message, E>): Effect.Effect<void> =>
  Effect.suspend(() => {
    kind.isClosed = true
    const cells = [...kind.cells.values()]
    for (const { mailbox } of cells) mailbox.clear()
    const fibers = cells.flatMap(({ fiber }) => fiber ?? [])
    for (const fiber of fibers) fiber.interruptUnsafe()
    return Effect.uninterruptible(Fiber.awaitAll(fibers))
  })

/** Finds the cell and queues the message in one synchronous step, so that nothing comes between. */
const tell = <Message, E>(
  kind: Kind<Message, E>,
  key: string,
  message: Message,
): Effect.Effect<void, MailboxFull> => {
  if (kind.isClosed) return Effect.void
  const { kind: name, mailboxCapacity: capacity } = kind.behavior
  const cell = kind.cells.get(key) ?? ActorCell.make<Message>(key, capacity)
  if (cell.death !== undefined) return Effect.failCause(cell.death)
  if (!cell.mailbox.offer(message)) {
    return Effect.fail(new MailboxFull({ kind: name, key, capacity }))
  }
  if (cell.fiber === undefined) launch(kind, cell)
  else cell.arrivalLatch.openUnsafe()
  return Effect.void
}

const launch = <Message, E>(kind: Kind<Message, E>, cell: ActorCell.Cell<Message>) => {
  kind.cells.set(cell.key, cell)
  cell.fiber = kind.fork(run(kind, cell))
}

/**
 * The whole life of an actor's fiber; only `live` inside it is interruptible, so that its end is
 * orderly.
 */
const run = <Message, E>(
  kind: Kind<Message, E>,
  cell: ActorCell.Cell<Message>,
): Effect.Effect<void> =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      // As in `arrival`: the sender finishes its step first.
      yield* Effect.yieldNow
      const exit = yield* Effect.exit(restore(ActorCell.live(cell, kind.life)))
      cell.inHand = Option.none()
      yield* settle(kind, cell, exit)
      if (cell.death !== undefined) return cell.mailbox.clear()
      // A message that arrived in the last moment starts the actor anew, now that the old scope
      // is closed.
      if (cell.mailbox.size() > 0) launch(kind, cell)
      else kind.cells.delete(cell.key)
    }),
  )

/** Reports a defect; from then on the cell takes no message. */
const settle = <Message, E>(
  kind: Kind<Message, E>,
  cell: ActorCell.Cell<Message>,
  exit: Exit.Exit<void>,
): Effect.Effect<void> => {
  if (Exit.isSuccess(exit)) return Effect.void
  // A closing kind interrupts its actors, so a failure of the message in hand restarts nothing.
  if (kind.isClosed && !Cause.hasDies(exit.cause)) return Effect.void
  const cause = Cause.squash(exit.cause)
  const death = Cause.die(new ActorDied({ kind: kind.behavior.kind, key: cell.key, cause }))
  cell.death = death
  return Effect.asVoid(Deferred.failCause(kind.firstDeath, death))
}
