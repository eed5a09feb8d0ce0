import { Effect } from "effect"
import { constants, PerformanceObserver } from "node:perf_hooks"
import { getHeapStatistics } from "node:v8"

/** The heap that this process may have, in bytes. */
const heapMax = (): number => getHeapStatistics().heap_size_limit

/** The part of the heap that a rebuild takes by itself, in bytes. */
export const memoryDefault = (): number => heapMax() * 0.4

/** A rebuild fills the heap no further than this, whatever else the process holds. */
const heapShareMax = 0.5

/** The most that a rebuild may be given, in bytes. */
export const memoryMost = (): number => heapMax() * heapShareMax

const isOfWholeHeap = (entry: object): boolean =>
  "detail" in entry &&
  typeof entry.detail === "object" &&
  entry.detail !== null &&
  "kind" in entry.detail &&
  entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/**
 * Watches the heap for a scope, and answers whether it is full. A heap counts as full by what its last whole
 * collection has left, because garbage is none of the rebuild's memory.
 */
export const watch = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const heap = { alive: 0 }
      const observer = new PerformanceObserver((list) => {
        if (list.getEntries().some(isOfWholeHeap)) heap.alive = getHeapStatistics().used_heap_size
      })
      observer.observe({ entryTypes: ["gc"] })
      return { observer, heap }
    }),
    ({ observer }) => Effect.sync(() => observer.disconnect()),
  ),
  ({ heap }) =>
    (): boolean =>
      heap.alive > memoryMost(),
)
