import { Data } from "effect"

/** Nothing was queued: what waits for this actor already weighs as much as is allowed. */
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
