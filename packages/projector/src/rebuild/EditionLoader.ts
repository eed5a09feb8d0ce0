import type { ReadModel } from "@onymous/persons/ReadModel"
import { Data, Effect, Option, Stream } from "effect"
import { constants, PerformanceObserver } from "node:perf_hooks"
import { getHeapStatistics } from "node:v8"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import { type Position, zero } from "@onymous/identity/event/Position"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import type * as RebuildPace from "./RebuildPace.ts"
import * as ConeLog from "@onymous/log/ConeLog"
import type { Page } from "@onymous/persons/rows/PageFold"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import type { PersonsError } from "@onymous/persons/PersonsError"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { Whole } from "@onymous/persons/rows/ProjectInMemory"

/** The heap that this process may have, in bytes. */
const heapMax = (): number => getHeapStatistics().heap_size_limit

/** The part of the heap that a rebuild takes by itself, in bytes. */
const memoryDefault = (): number => heapMax() * 0.4

/** Whatever else this process holds: the heap is not filled further than this. */
const heapShareMax = 0.5

/** The most that a rebuild may be given, in bytes. */
export const memoryMost = (): number => heapMax() * heapShareMax

const isOfWholeHeap = (entry: object): boolean =>
  "detail" in entry &&
  typeof entry.detail === "object" &&
  entry.detail !== null &&
  "kind" in entry.detail &&
  entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/** Tells whether the heap is full, by what its last whole collection has left: garbage does not count. */
const watchHeap = Effect.acquireRelease(
  Effect.sync(() => {
    let alive = 0
    const observer = new PerformanceObserver((list) => {
      if (list.getEntries().some(isOfWholeHeap)) alive = getHeapStatistics().used_heap_size
    })
    observer.observe({ entryTypes: ["gc"] })
    return { observer, isFull: () => alive > memoryMost() }
  }),
  ({ observer }) => Effect.sync(() => observer.disconnect()),
)

/**
 * The rows of so many events are written together, or of fewer whose persons' properties are so long, in
 * characters: a statement and a commit cost as much for few of them.
 */
const writtenTogether = { events: 10_000, length: 16_000_000 }

/** Lets a stream run so many elements ahead of who takes them. */
const ahead =
  (elements: number) =>
  <A, E, R>(stream: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    elements === 0 ? stream : Stream.buffer(stream, { capacity: elements })

/** How a log is loaded. */
export interface Options {
  /** In bytes. */
  readonly memoryMax?: number
}

/** What a killed rebuild left cannot be gone on with: other rules made it, or more memory. */
export class NotResumable extends Data.TaggedError("NotResumable")<{
  readonly edition: Checkpoint
}> {}

/** How far the fold is, and what is to be written of it; nothing of what is written already. */
interface Folded {
  readonly position: Position
  readonly page?: Page
}

/** How far a load is, and the checkpoint where it has moved. */
export interface Loaded {
  readonly position: Position
  readonly checkpoint?: Checkpoint
}

/** The events up to a position, read ahead where that is the pace; what ends at `made` ends a page. */
const readAll = (
  { project, position: made }: Checkpoint,
  until: Position,
  { readTogether, readAhead }: RebuildPace.Pace,
) =>
  Stream.paginate(zero, (after) =>
    Effect.gen(function* () {
      const end = after < made ? made : until
      const limit = Math.min(end - after, readTogether)
      const events = yield* (yield* EventLog).read({ project, after, limit })
      const last = events.at(-1)?.position
      return [
        [events],
        last === undefined || last >= until ? Option.none() : Option.some(last),
      ] as const
    }),
  ).pipe(ahead(readAhead))

/** Folds events that were read together; those that need whole persons alone, a retraction with its past. */
const foldAll = Effect.fnUntraced(function* (
  whole: Whole,
  events: ReadonlyArray<Recorded>,
  { foldedTogether, pause }: RebuildPace.Pace,
) {
  for (let done = 0; done < events.length;) {
    const page = Identity.pageOf(events.slice(done, done + foldedTogether))
    const past = yield* ConeLog.ofPage(whole.to.project, page, (ids) =>
      Effect.succeed(ConePast.conesOf(whole.identity, ids)),
    )
    whole.fold(page, past)
    done += page.length
    yield* pause
  }
})

/**
 * The pages of an edition that is loading, from the log's beginning on: what an earlier, killed rebuild
 * has written already is folded, and not written again. Ends at a position, or where the project is too
 * large to be held in memory.
 */
const pages = (
  made: Checkpoint,
  until: Position,
  isFull: (bytes: number) => boolean,
  pace: RebuildPace.Pace,
): Stream.Stream<Folded, PersonsError | EventLogError | NotResumable, EventLog | ReadModel> => {
  const { policy } = initial(made.project, made.logId)
  const whole = new Whole({ ...made, position: zero, policy, lastUuid: undefined })
  const ended = Effect.fnUntraced(function* (events: ReadonlyArray<Recorded>) {
    yield* foldAll(whole, events, pace)
    const { position, stateHash } = whole.to
    if (position === made.position && stateHash !== made.stateHash) {
      return yield* new NotResumable({ edition: made })
    }
    const isWritten = position <= made.position
    const { untaken } = whole
    const isLittle =
      untaken.events < writtenTogether.events && untaken.length < writtenTogether.length
    if (!isWritten && isLittle) return { position }
    const page = whole.takeEnded()
    const folded: Folded = isWritten ? { position } : { position, page }
    return folded
  })
  const taken = (page: Page): Folded => ({ position: page.to.position, page })
  const stillHolding = Effect.map(
    Effect.suspend(() => WorkInTurns.inBetween(whole.finish())),
    taken,
  )
  // What was decided is written before what still holds, whose writing takes long.
  const end = Stream.suspend(() => {
    if (whole.to.position < made.position) return Stream.fail(new NotResumable({ edition: made }))
    const decided = whole.untaken.events > 0 ? [taken(whole.takeEnded())] : []
    return Stream.concat(Stream.fromIterable(decided), Stream.fromEffect(stillHolding))
  })
  return readAll(made, until, pace).pipe(
    Stream.mapEffect(ended),
    Stream.takeUntil(() => isFull(whole.bytes)),
    Stream.concat(end),
  )
}

/**
 * Loads an edition in the making with the log up to a position, and makes it ready; tells how far it is
 * on the way.
 */
export const load = (
  made: Checkpoint,
  until: Position,
  pace: RebuildPace.Pace,
  { memoryMax = memoryDefault() }: Options = {},
): Stream.Stream<Loaded, PersonsError | EventLogError | NotResumable, EventLog | ReadModel> => {
  const seal = (loaded: Checkpoint) =>
    Effect.map(
      Effect.flatMap(Editions, (editions) => editions.seal(loaded)),
      (ready): Loaded => ({ position: ready.position, checkpoint: ready }),
    )
  if (made.stage === "ready") return Stream.empty
  if (made.stage === "loaded") return Stream.fromEffect(seal(made))
  const write = Effect.fnUntraced(function* ({ position, page }: Folded) {
    if (page === undefined) return { position }
    yield* (yield* PersonStore).commit(page)
    if (page.to.stage === "loaded") return yield* seal(page.to)
    yield* pace.pause
    return { position, checkpoint: page.to }
  })
  // What is held in memory is the running stream's alone: gone when that has ended.
  const running = Effect.map(watchHeap, (heap) =>
    pages(made, until, (bytes) => bytes > memoryMax || heap.isFull(), pace),
  )
  return Stream.unwrap(running).pipe(ahead(pace.foldedAhead), Stream.mapEffect(write))
}
