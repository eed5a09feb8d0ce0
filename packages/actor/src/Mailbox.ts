import { Option } from "effect"

/** The messages that wait for an actor: bounded, first in first out, each of them once. */
export interface Mailbox<Message> {
  /** Queues the message unless it already waits; returns false, and changes nothing, when full. */
  readonly offer: (message: Message) => boolean
  /** Takes the oldest message. */
  readonly take: () => Option.Option<Message>
  readonly clear: () => void
  readonly size: () => number
}

/** An empty mailbox; throws a RangeError for a capacity below 1. */
export const make = <Message>(capacity: number): Mailbox<Message> => {
  if (!(capacity >= 1)) throw new RangeError(`A mailbox's capacity must be 1 or more: ${capacity}`)
  const waiting = new Set<Message>()
  return {
    offer: (message) => {
      if (waiting.size >= capacity) return waiting.has(message)
      waiting.add(message)
      return true
    },
    take: () => {
      // A message may itself be undefined, so only the iterator tells whether there is one.
      const { done, value } = waiting.values().next()
      if (done === true) return Option.none()
      waiting.delete(value)
      return Option.some(value)
    },
    clear: () => waiting.clear(),
    size: () => waiting.size,
  }
}
