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

/**
 * Waiting events in the order in which they are released, by due time, then by position: a binary heap, because
 * a client chooses how many wait, and a window that was shortened has the last one overtake them all.
 */
export interface Queue {
  /** Each is released before the two at twice its place, plus one and plus two; some are taken out already. */
  readonly heap: Array<Waiting>
  /** Those that wait, by position. */
  readonly held: Map<Position, Waiting>
}

const order = (a: Waiting, b: Waiting): number => a.dueAt - b.dueAt || a.position - b.position

/** A queue of these events. */
export const of = (waiting: ReadonlyArray<Waiting> = []): Queue => ({
  heap: waiting.toSorted(order),
  held: new Map(waiting.map((each) => [each.position, each])),
})

/** The event that is released next. */
export const first = ({ heap, held }: Queue): Waiting | undefined => {
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    if (held.get(top.position) === top) return top
    dropTop(heap)
  }
  return undefined
}

/** All that wait, in the order of their release. */
export const all = ({ held }: Queue): ReadonlyArray<Waiting> => [...held.values()].toSorted(order)

/** Adds an event. */
export const add = ({ heap, held }: Queue, waiting: Waiting): void => {
  held.set(waiting.position, waiting)
  let place = heap.length
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || order(parent, waiting) <= 0) break
    heap[place] = parent
    place = above
  }
  heap[place] = waiting
}

/** Takes an event out; it leaves the heap when it comes to its top. */
export const remove = ({ held }: Queue, position: Position): Waiting | undefined => {
  const found = held.get(position)
  held.delete(position)
  return found
}

const dropTop = (heap: Array<Waiting>): void => {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let place = 0
  for (;;) {
    const next = earlierBelow(heap, place)
    const child = heap[next]
    if (child === undefined || order(last, child) <= 0) break
    heap[place] = child
    place = next
  }
  heap[place] = last
}

/** Where the earlier one of the two below a place is. */
const earlierBelow = (heap: ReadonlyArray<Waiting>, place: number): number => {
  const left = 2 * place + 1
  const [a, b] = [heap[left], heap[left + 1]]
  return a !== undefined && b !== undefined && order(b, a) < 0 ? left + 1 : left
}
