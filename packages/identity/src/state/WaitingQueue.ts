import type { Captured } from "../event/Event.ts"
import type { Position } from "../event/Position.ts"

/** An event that waits for another that merges its id (SPEC §4). */
export interface Waiting {
  readonly position: Position
  readonly recordedAt: number
  readonly event: Captured
  /** Epoch milliseconds: the first later event at or past this time releases the event. */
  readonly dueAt: number
}

/** Waiting events in the order of their release: by due time, then by position. */
export interface Queue {
  readonly items: Array<Waiting>
  /** The index of the first waiting event; those before it were released. */
  head: number
}

/** A queue of these events. */
export const of = (waiting: ReadonlyArray<Waiting> = []): Queue => ({
  items: waiting.toSorted(order),
  head: 0,
})

const order = (a: Waiting, b: Waiting): number => a.dueAt - b.dueAt || a.position - b.position

/** The event to release next. */
export const first = (queue: Queue): Waiting | undefined => queue.items[queue.head]

/** All waiting events, in the order of their release. */
export const all = (queue: Queue): ReadonlyArray<Waiting> => queue.items.slice(queue.head)

/** Adds an event, nearly always at the end: only a shortened window lets it overtake. */
export const add = (queue: Queue, waiting: Waiting): void => {
  let index = queue.items.length
  for (; index > queue.head; index--) {
    const before = queue.items[index - 1]
    if (before === undefined || order(before, waiting) <= 0) break
  }
  queue.items.splice(index, 0, waiting)
}

/** The most released events in the list before it is cut. */
const slackMax = 1024

/** Takes an event out, nearly always the first. */
export const remove = (queue: Queue, position: Position): Waiting | undefined => {
  const isFirst = first(queue)?.position === position
  const index = isFirst
    ? queue.head
    : queue.items.findIndex((each, at) => at >= queue.head && each.position === position)
  const found = queue.items[index]
  if (!isFirst) {
    if (index >= 0) queue.items.splice(index, 1)
    return found
  }
  queue.head += 1
  if (queue.head >= slackMax && queue.head * 2 >= queue.items.length) {
    queue.items.splice(0, queue.head)
    queue.head = 0
  }
  return found
}
