import { Effect } from "effect"
import { constants, PerformanceObserver } from "node:perf_hooks"
import { getHeapStatistics } from "node:v8"

/** The heap limit of this process, in bytes. */
const heapMax = (): number => getHeapStatistics().heap_size_limit

/** The memory of a rebuild by default, in bytes. */
export const memoryDefault = (): number => heapMax() * 0.4

/** The share of the heap that may be in use, by the rebuild and everything else together. */
const heapShareMax = 0.5

/** The most memory that a caller may give a rebuild, in bytes. */
export const memoryMost = (): number => heapMax() * heapShareMax

const isOfWholeHeap = (entry: object): boolean =>
  "detail" in entry &&
  typeof entry.detail === "object" &&
  entry.detail !== null &&
  "kind" in entry.detail &&
  entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/**
 * Watches the heap for a scope, and tells whether it is full. It measures the heap after each full
 * collection, because garbage does not count.
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
