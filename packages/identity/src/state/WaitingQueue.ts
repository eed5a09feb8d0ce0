import type { Captured } from "../event/Event.ts"
import type { Position } from "../event/Position.ts"

/** An event that waits for one that merges its id (SPEC §4). */
export interface Waiting {
  readonly position: Position
  readonly recordedAt: number
  readonly event: Captured
  /** Epoch milliseconds: the first later event at or past it releases this one. */
  readonly dueAt: number
}

/** Waiting events in the order in which they are released: by due time, then by position. */
export interface Queue {
  readonly items: Array<Waiting>
  /** Where the first one is; what is before it has been released. */
  head: number
}

/** A queue of these events. */
export const of = (waiting: ReadonlyArray<Waiting> = []): Queue => ({
  items: waiting.toSorted(order),
  head: 0,
})

const order = (a: Waiting, b: Waiting): number => a.dueAt - b.dueAt || a.position - b.position

/** The event that is released next. */
export const first = (queue: Queue): Waiting | undefined => queue.items[queue.head]

/** All that wait, in the order of their release. */
export const all = (queue: Queue): ReadonlyArray<Waiting> => queue.items.slice(queue.head)

/** Adds an event, nearly always as the last one: only a window that was shortened makes it overtake. */
export const add = (queue: Queue, waiting: Waiting): void => {
  let index = queue.items.length
  for (; index > queue.head; index--) {
    const before = queue.items[index - 1]
    if (before === undefined || order(before, waiting) <= 0) break
  }
  queue.items.splice(index, 0, waiting)
}

/** How many released events are kept before the list is cut. */
const slackMax = 1024

/** Takes an event out; it is nearly always the first. */
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
