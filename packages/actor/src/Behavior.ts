import { Effect, type Array as Arr, type Duration, type Schedule, type Scope } from "effect"
import type { MailboxFull } from "./ActorError.ts"

/** Handles everything that has gathered, in the order it was told; never runs twice at once for a key. */
export type Receive<Message, E = never> = (
  messages: Arr.NonEmptyReadonlyArray<Message>,
) => Effect.Effect<void, E>

/** What the actors of one kind do, as a value; every key of the kind has an actor of its own. */
export interface Behavior<Message, E = never, R = never> {
  /** The address' first half; the key is its second. */
  readonly kind: string
  /** The total weight that may wait for one actor, besides the batch it has in hand. */
  readonly mailboxCapacity: number
  /** A message's share of the capacity, above 0: its bytes, or 1 (the default). */
  readonly weight?: (message: Message) => number
  /** A batch is no heavier than this, unless a single message is. */
  readonly batchWeightMax: number
  /** For wake-ups: a message equal (by `===`) to one that waits is not queued twice. */
  readonly coalesce?: boolean
  /** With no message for that long the actor's scope closes; the next message starts it anew. */
  readonly idleTimeout: Duration.Input
  /**
   * When an actor starts again after a typed failure, with the failed batch first. It begins anew
   * after every batch that succeeds; once it is exhausted the failure counts as a defect.
   */
  readonly restart: Schedule.Schedule<unknown, E>
  /** Acquires the actor's state in a scope that closes before the key's next start. */
  readonly start: (key: string) => Effect.Effect<Receive<Message, E>, E, R | Scope.Scope>
  /**
   * Gets each message that will not be handled, or whose handling did not end, because its actor
   * was stopped or died: the place to fail the deferreds somebody waits on.
   */
  readonly discard?: (messages: Arr.NonEmptyReadonlyArray<Message>) => Effect.Effect<void>
}

/** The way to the actors of one kind. */
export interface ActorRef<in Message> {
  /**
   * Queues the message for the key's actor, starting it when it sleeps, and does not wait for it to
   * be handled. Fails when the mailbox is full, and dies when the actor has died. Once the kind is
   * closed it hands the message to `discard`.
   */
  readonly tell: (key: string, message: Message) => Effect.Effect<void, MailboxFull>
  /**
   * Lets the actor finish the batch in hand, within `stopTimeLimit`, discards what waits and ends
   * when its scope is closed; what is told meanwhile is handled by the key's next actor.
   * Not for the actor itself: it would wait for its own batch.
   */
  readonly stop: (key: string) => Effect.Effect<void>
  /** The keys whose actors are in memory and alive. */
  readonly running: Effect.Effect<ReadonlyArray<string>>
}
