import { Data, type Duration, type Effect, type Schedule, type Scope } from "effect"

/** Handles one message; never runs twice at once for a key. */
export type Receive<Message, E = never> = (message: Message) => Effect.Effect<void, E>

/** The behaviour of the actors of one kind, as a value; every key has an actor of its own. */
export interface Behavior<Message, E = never, R = never> {
  /** The first half of the address; the key is the second. */
  readonly kind: string
  /** The most messages that wait for one actor, besides the message in hand. */
  readonly mailboxCapacity: number
  /**
   * After this time without a message the actor's scope closes; the next message starts the actor
   * again.
   */
  readonly maxIdleTime: Duration.Input
  /**
   * The pauses before an actor restarts after typed failures, with the failed message first. Every
   * handled message resets the schedule; an exhausted schedule turns the failure into a defect.
   */
  readonly restart: Schedule.Schedule<unknown, E>
  /** Acquires the actor's state in a scope that closes before the key's next start. */
  readonly start: (key: string) => Effect.Effect<Receive<Message, E>, E, R | Scope.Scope>
}

/** Sends messages to the actors of one kind. */
export interface ActorRef<in Message> {
  /**
   * Queues the message for the key's actor, starts the actor if it sleeps, and returns before the
   * actor handles the message. A message that already waits (by `===`) is not queued twice. Fails
   * when the mailbox is full, dies when the actor has died, and does nothing once the kind is
   * closed.
   */
  readonly tell: (key: string, message: Message) => Effect.Effect<void, MailboxFull>
}

/** The mailbox is full; the message was not queued. */
export class MailboxFull extends Data.TaggedError("MailboxFull")<{
  readonly kind: string
  readonly key: string
  readonly capacity: number
}> {
  override get message() {
    return `The mailbox of ${this.kind}/${this.key} is full (capacity ${this.capacity})`
  }
}

/**
 * The defect that ends an actor for good; `cause` is the behaviour's own defect or last failure.
 */
export class ActorDied extends Data.TaggedError("ActorDied")<{
  readonly kind: string
  readonly key: string
  readonly cause: unknown
}> {
  override get message() {
    return `The actor ${this.kind}/${this.key} died`
  }
}
