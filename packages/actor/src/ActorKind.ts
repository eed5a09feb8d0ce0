import { Cause, Context, Deferred, Effect, Exit, Fiber, Option, Scope } from "effect"
import { ActorDied, MailboxFull, type ActorRef, type Behavior } from "./Behavior.ts"
import * as ActorCell from "./ActorCell.ts"

/** The actors of one behaviour in this process, each by its key. */
export interface Kind<Message, E> {
  readonly behavior: Behavior<Message, E, unknown>
  readonly life: ActorCell.Life<Message, E>
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  readonly died: Deferred.Deferred<never>
  readonly cells: Map<string, ActorCell.Cell<Message>>
  isClosed: boolean
}

export interface Options<Message, E, R> {
  readonly behavior: Behavior<Message, E, R>
  /** What `start` runs with: the registering fiber's, never that of whoever tells first. */
  readonly context: Context.Context<R>
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  readonly died: Deferred.Deferred<never>
}

/** A kind without actors; they come with their first message. */
export const make = <Message, E, R>(options: Options<Message, E, R>): Kind<Message, E> => {
  const { behavior, context, fork, died } = options
  const { kind, maxIdleTime, restart } = behavior
  const start = (key: string, scope: Scope.Scope) =>
    Effect.setContext(behavior.start(key), Context.add(context, Scope.Scope, scope))
  const life = { kind, maxIdleTime, restart, start }
  return { behavior, life, fork, died, cells: new Map(), isClosed: false }
}

/** The kind as its users see it. */
export const ref = <Message, E>(kind: Kind<Message, E>): ActorRef<Message> => ({
  tell: (key, message) => Effect.suspend(() => tell(kind, key, message)),
})

/**
 * Stops every actor, all at once: each finishes the message in hand, within `stopTimeLimit`, and
 * handles no other. Ends when all scopes are closed.
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

/** Plain up to its answer: nothing can come between looking a cell up and having queued in it. */
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
  else cell.arrived.openUnsafe()
  return Effect.void
}

const launch = <Message, E>(kind: Kind<Message, E>, cell: ActorCell.Cell<Message>) => {
  kind.cells.set(cell.key, cell)
  cell.fiber = kind.fork(run(kind, cell))
}

/** An actor's fiber from first to last; uninterruptible around `live`, so that its end is orderly. */
const run = <Message, E>(
  kind: Kind<Message, E>,
  cell: ActorCell.Cell<Message>,
): Effect.Effect<void> =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      // As in `arrival`: the teller's step ends first.
      yield* Effect.yieldNow
      const exit = yield* Effect.exit(restore(ActorCell.live(cell, kind.life)))
      cell.inHand = Option.none()
      yield* settle(kind, cell, exit)
      if (cell.death !== undefined) return cell.mailbox.clear()
      // A message told in the last moment begins a new life only now, because the old one's scope
      // had to close first.
      if (cell.mailbox.size() > 0) launch(kind, cell)
      else kind.cells.delete(cell.key)
    }),
  )

/** Makes a defect heard; from here on the cell takes no message. */
const settle = <Message, E>(
  kind: Kind<Message, E>,
  cell: ActorCell.Cell<Message>,
  exit: Exit.Exit<void>,
): Effect.Effect<void> => {
  if (Exit.isSuccess(exit)) return Effect.void
  // Closing interrupts, and what the message in hand failed with meanwhile is nobody's to restart.
  if (kind.isClosed && !Cause.hasDies(exit.cause)) return Effect.void
  const cause = Cause.squash(exit.cause)
  const death = Cause.die(new ActorDied({ kind: kind.behavior.kind, key: cell.key, cause }))
  cell.death = death
  return Effect.asVoid(Deferred.failCause(kind.died, death))
}
