/** Bounded by total weight, first in first out, and plain: an actor's waiting messages. */
export interface Mailbox<Message> {
  /** Queues the message, or answers false and leaves everything as it was because it is full. */
  readonly offer: (message: Message) => boolean
  /** Takes the oldest messages up to `weightMax`; at least one, unless the mailbox is empty. */
  readonly takeBatch: (weightMax: number) => ReadonlyArray<Message>
  readonly size: () => number
  readonly weight: () => number
}

export interface Options<Message> {
  /** The total weight that may wait. */
  readonly capacity: number
  /** A message's share of the capacity, above 0: its bytes, or 1 (the default). */
  readonly weight?: (message: Message) => number
  /** True: a message that is already waiting (by `===`) is accepted without being queued twice. */
  readonly coalesce?: boolean
}

interface Entry<Message> {
  readonly message: Message
  readonly weight: number
}

/** An empty mailbox; throws a RangeError for a capacity that could never hold anything. */
export const make = <Message>(options: Options<Message>): Mailbox<Message> => {
  const { capacity, weight: weigh = () => 1, coalesce = false } = options
  assertPositive("capacity", capacity)
  const entries: Array<Entry<Message>> = []
  const waiting = new Set<Message>()
  let weightTotal = 0

  const offer = (message: Message): boolean => {
    if (coalesce && waiting.has(message)) return true
    const weight = weigh(message)
    // A weightless message would make the bound no bound.
    assertPositive("weight", weight)
    // One that is heavier than the capacity would otherwise be refused for ever.
    if (entries.length > 0 && weightTotal + weight > capacity) return false
    entries.push({ message, weight })
    if (coalesce) waiting.add(message)
    weightTotal += weight
    return true
  }

  const takeBatch = (weightMax: number): ReadonlyArray<Message> => {
    const { count, weight } = measure(entries, weightMax)
    const batch = entries.splice(0, count).map((entry) => entry.message)
    if (coalesce) for (const message of batch) waiting.delete(message)
    // Sums of fractions drift; an empty mailbox must weigh nothing.
    weightTotal = entries.length === 0 ? 0 : weightTotal - weight
    return batch
  }

  return { offer, takeBatch, size: () => entries.length, weight: () => weightTotal }
}

const measure = <Message>(entries: ReadonlyArray<Entry<Message>>, weightMax: number) => {
  let count = 0
  let weight = 0
  for (const entry of entries) {
    if (count > 0 && weight + entry.weight > weightMax) break
    weight += entry.weight
    count++
  }
  return { count, weight }
}

const assertPositive = (name: string, value: number) => {
  if (!(value > 0)) throw new RangeError(`A mailbox's ${name} must be above 0, not ${value}`)
}
