import { Array as Arr, Cause, Context, Deferred, Effect, Exit, Fiber, Scope } from "effect"
import type { ActorRef, Behavior } from "./Behavior.ts"
import { ActorDied, MailboxFull } from "./ActorError.ts"
import * as ActorCell from "./ActorCell.ts"

/** The actors of one behaviour in this process, each by its key. */
export interface Kind<Message, E> {
  readonly behavior: Behavior<Message, E, unknown>
  readonly life: ActorCell.Life<Message, E>
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  readonly died: Deferred.Deferred<never>
  readonly cells: Map<string, ActorCell.Cell<Message>>
  closed: boolean
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
  const { kind, batchWeightMax, idleTimeout, restart } = behavior
  const start = (key: string, scope: Scope.Scope) =>
    Effect.setContext(behavior.start(key), Context.add(context, Scope.Scope, scope))
  const life = { kind, batchWeightMax, idleTimeout, restart, start }
  return { behavior, life, fork, died, cells: new Map(), closed: false }
}

/** The kind as its users see it. */
export const ref = <Message, E>(kind: Kind<Message, E>): ActorRef<Message> => ({
  tell: (key, message) => Effect.suspend(() => tell(kind, key, message)),
  stop: (key) => Effect.suspend(() => stop(kind, kind.cells.get(key))),
  running: Effect.sync(() =>
    [...kind.cells.values()].filter((cell) => cell.death === undefined).map((cell) => cell.key),
  ),
})

/** Stops every actor, all at once; from its first step on, what is told goes to `discard`. */
export const close = <Message, E>(kind: Kind<Message, E>): Effect.Effect<void> =>
  Effect.suspend(() => {
    kind.closed = true
    return Effect.forEach([...kind.cells.values()], (cell) => stop(kind, cell), {
      concurrency: "unbounded",
      discard: true,
    })
  })

/** Plain up to its answer: nothing can come between looking a cell up and having queued in it. */
const tell = <Message, E>(
  kind: Kind<Message, E>,
  key: string,
  message: Message,
): Effect.Effect<void, MailboxFull> => {
  if (kind.closed) return discard(kind, [message])
  const { kind: name, mailboxCapacity: capacity, weight, coalesce = false } = kind.behavior
  const options = { capacity, coalesce, ...(weight === undefined ? {} : { weight }) }
  const cell = kind.cells.get(key) ?? ActorCell.make<Message>(key, options)
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
  cell.stopping = false
  cell.fiber = kind.fork(run(kind, cell))
}

const stop = <Message, E>(kind: Kind<Message, E>, cell: ActorCell.Cell<Message> | undefined) => {
  if (cell?.fiber === undefined || cell.death !== undefined) return Effect.void
  const fiber = cell.fiber
  cell.stopping = true
  // At once, and beside the batch that may take its time: nobody should wait for nothing.
  const waiting = cell.mailbox.takeBatch(Infinity)
  fiber.interruptUnsafe()
  return Effect.uninterruptible(Effect.andThen(discard(kind, waiting), Fiber.await(fiber)))
}

/** An actor's fiber from first to last; uninterruptible around `live`, so that its end is orderly. */
const run = <Message, E>(
  kind: Kind<Message, E>,
  cell: ActorCell.Cell<Message>,
): Effect.Effect<void> =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      // The first batch, too, should gather what is told in the same step of the event loop.
      yield* Effect.yieldNow
      yield* settle(kind, cell, yield* Effect.exit(restore(ActorCell.live(cell, kind.life))))
      const discarded = yield* Effect.exit(discard(kind, cell.inHand))
      cell.inHand = []
      yield* settle(kind, cell, discarded)
      if (cell.death !== undefined) return yield* discard(kind, cell.mailbox.takeBatch(Infinity))
      // Told in the last moment before passivation, or while stopping: a new life begins only now,
      // when the old one's scope is closed.
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
  // A stop interrupts, and what the batch in hand failed with meanwhile is for `discard` to tell.
  if (cell.stopping && !Cause.hasDies(exit.cause)) return Effect.void
  const cause = Cause.squash(exit.cause)
  const death = Cause.die(new ActorDied({ kind: kind.behavior.kind, key: cell.key, cause }))
  cell.death = death
  return Effect.asVoid(Deferred.failCause(kind.died, death))
}

const discard = <Message, E>(
  kind: Kind<Message, E>,
  messages: ReadonlyArray<Message>,
): Effect.Effect<void> =>
  Arr.isReadonlyArrayNonEmpty(messages) && kind.behavior.discard !== undefined
    ? kind.behavior.discard(messages)
    : Effect.void
