import { Data, type Duration, type Effect, type Schedule, type Scope } from "effect"

/** Handles one message; never runs twice at once for a key. */
export type Receive<Message, E = never> = (message: Message) => Effect.Effect<void, E>

/** What the actors of one kind do, as a value; every key of the kind has an actor of its own. */
export interface Behavior<Message, E = never, R = never> {
  /** The address' first half; the key is its second. */
  readonly kind: string
  /** How many messages may wait for one actor, besides the one it has in hand. */
  readonly mailboxCapacity: number
  /** With no message for that long the actor's scope closes; the next message starts it anew. */
  readonly maxIdleTime: Duration.Input
  /**
   * When an actor starts again after a typed failure, with the failed message first. It begins anew
   * after every message that succeeds; once it is exhausted the failure counts as a defect.
   */
  readonly restart: Schedule.Schedule<unknown, E>
  /** Acquires the actor's state in a scope that closes before the key's next start. */
  readonly start: (key: string) => Effect.Effect<Receive<Message, E>, E, R | Scope.Scope>
}

/** The way to the actors of one kind. */
export interface ActorRef<in Message> {
  /**
   * Queues the message for the key's actor, starting it when it sleeps, and does not wait for it to
   * be handled; a message that waits already (by `===`) is not queued twice. Fails when the mailbox
   * is full, dies when the actor has died, and does nothing once the kind is closed.
   */
  readonly tell: (key: string, message: Message) => Effect.Effect<void, MailboxFull>
}

/** Nothing was queued: as many messages wait for this actor as are allowed. */
export class MailboxFull extends Data.TaggedError("MailboxFull")<{
  readonly kind: string
  readonly key: string
  readonly capacity: number
}> {
  override get message() {
    return `The mailbox of ${this.kind}/${this.key} is full (capacity ${this.capacity})`
  }
}

/** The defect that ends an actor for good; its `cause` is what the behaviour died of. */
export class ActorDied extends Data.TaggedError("ActorDied")<{
  readonly kind: string
  readonly key: string
  readonly cause: unknown
}> {
  override get message() {
    return `The actor ${this.kind}/${this.key} died`
  }
}
