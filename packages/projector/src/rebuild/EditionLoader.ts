import { Data, Effect, Option, Queue, Stream } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import { type Position, zero } from "@onymous/identity/event/Position"
import * as Cones from "@onymous/identity/state/Cones"
import * as ConeLog from "@onymous/log/ConeLog"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { Page } from "@onymous/persons/rows/PageFold"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as HeapLimit from "./HeapLimit.ts"
import type * as RebuildPace from "./RebuildPace.ts"

/**
 * The rows of so many events are written together, or of fewer whose persons' properties are so long, in
 * characters: a statement and a commit cost as much for few rows.
 */
const writtenTogether = { events: 10_000, length: 16_000_000 }

/** How an edition is loaded. */
export interface Loading {
  /** Where the log ends for this edition. */
  readonly until: Position
  readonly pace: RebuildPace.Pace
  /** How much of the project the fold may hold, in bytes. */
  readonly memoryMax?: number | undefined
}

/** The edition left by a killed rebuild cannot be resumed: its rules, or its memory limit, differ from ours. */
export class NotResumable extends Data.TaggedError("NotResumable")<{
  readonly edition: Checkpoint
}> {}

/** What the fold hands to the writer after some events. */
type Folded =
  /** Rows that have ended, or at the end those that still hold. */
  | { readonly _tag: "Rows"; readonly page: Page }
  /** No rows, because few have ended, or the killed rebuild that we resume has written them. */
  | { readonly _tag: "NoRows"; readonly position: Position }

type Failure = PersonsError | EventLogError | NotResumable

/** Takes what the fold hands on, and ends when the fold may go on. */
type Hand = (folded: Folded) => Effect.Effect<void, Failure>

/**
 * Loads an edition in the making with the log, makes it ready, and tells how far it is on the way. An edition
 * that is ready stays as it is.
 */
export const load = Effect.fnUntraced(function* (
  edition: Checkpoint,
  { until, pace, memoryMax = HeapLimit.memoryDefault() }: Loading,
  tell: (position: Position) => Effect.Effect<void, EventLogError>,
) {
  if (edition.stage === "ready") return edition
  const store = yield* PersonStore
  const editions = yield* Editions
  let checkpoint = edition
  const write: Hand = Effect.fnUntraced(function* (folded) {
    if (folded._tag === "NoRows") return yield* tell(folded.position)
    yield* store.commit(folded.page)
    checkpoint = folded.page.to
    if (checkpoint.stage === "loaded") return
    yield* tell(checkpoint.position)
    yield* pace.pause
  })
  const folding = Effect.flatMap(HeapLimit.watch, (isHeapFull) => {
    const isFull = (bytes: number) => bytes > memoryMax || isHeapFull()
    return handedOn(pace.foldedAhead, (hand) => fold(edition, until, isFull, pace, hand), write)
  })
  if (edition.stage === "loading") yield* Effect.scoped(folding)
  checkpoint = yield* editions.seal(checkpoint)
  yield* tell(checkpoint.position)
  return checkpoint
})

/** Has a fold hand its rows to a writer, one after the other, or with the fold so many pages ahead. */
const handedOn = <R>(
  ahead: number,
  folding: (hand: Hand) => Effect.Effect<void, Failure, R>,
  write: Hand,
): Effect.Effect<void, Failure, R> => {
  if (ahead === 0) return folding(write)
  const foldingAhead = Stream.callback<Folded, Failure, R>(
    (pages) =>
      Effect.andThen(
        folding((folded) => Queue.offer(pages, folded)),
        Queue.end(pages),
      ),
    { bufferSize: ahead },
  )
  return Stream.runForEach(foldingAhead, write)
}

/**
 * Folds the log from its beginning, up to a position, or until the project is too large to be held in memory.
 * Hands each row on once, when it changes no more: those that still hold at the end.
 */
const fold = Effect.fnUntraced(function* (
  edition: Checkpoint,
  until: Position,
  isFull: (bytes: number) => boolean,
  pace: RebuildPace.Pace,
  hand: Hand,
) {
  const { policy } = initial(edition.project, edition.logId)
  const whole = new ProjectInMemory({ ...edition, position: zero, policy, lastUuid: undefined })
  yield* Stream.runForEachWhile(eventsOf(edition, until, pace), (events) =>
    Effect.gen(function* () {
      yield* foldEvents(whole, events, pace)
      yield* hand(yield* ended(whole, edition))
      return !isFull(whole.bytes)
    }),
  )
  if (whole.to.position < edition.position) return yield* new NotResumable({ edition })
  // What was decided is written first, because writing what still holds takes long.
  if (whole.untaken.events > 0) yield* hand({ _tag: "Rows", page: whole.takeEnded() })
  yield* hand({ _tag: "Rows", page: yield* WorkInTurns.inBetween(whole.finish()) })
})

/** The events up to a position, read ahead where that is the pace; a page ends where the edition does. */
const eventsOf = (
  { project, position: left }: Checkpoint,
  until: Position,
  { readTogether, readAhead }: RebuildPace.Pace,
) => {
  const pages = Stream.paginate(zero, (after) =>
    Effect.gen(function* () {
      const end = after < left ? left : until
      const limit = Math.min(end - after, readTogether)
      const events = yield* (yield* EventLog).read({ project, after, limit })
      const last = events.at(-1)?.position
      return [
        [events],
        last === undefined || last >= until ? Option.none() : Option.some(last),
      ] as const
    }),
  )
  return readAhead === 0 ? pages : Stream.buffer(pages, { capacity: readAhead })
}

/** Folds events that were read together; one that needs whole persons alone, a retraction with its past. */
const foldEvents = Effect.fnUntraced(function* (
  whole: ProjectInMemory,
  events: ReadonlyArray<Recorded>,
  { foldedTogether, pause }: RebuildPace.Pace,
) {
  for (let done = 0; done < events.length;) {
    const page = Identity.pageOf(events.slice(done, done + foldedTogether))
    const past = yield* ConeLog.ofPage(whole.to.project, page, (ids) =>
      Effect.succeed(Cones.of(whole.identity, ids)),
    )
    whole.fold(page, past)
    done += page.length
    yield* pause
  }
})

/** Takes the rows that have ended, where they are many. Those that a killed rebuild has written are forgotten. */
const ended = Effect.fnUntraced(function* (whole: ProjectInMemory, edition: Checkpoint) {
  const { position, stateHash } = whole.to
  if (position === edition.position && stateHash !== edition.stateHash) {
    return yield* new NotResumable({ edition })
  }
  const none: Folded = { _tag: "NoRows", position }
  if (position <= edition.position) {
    whole.takeEnded()
    return none
  }
  const { events, length } = whole.untaken
  if (events < writtenTogether.events && length < writtenTogether.length) return none
  const rows: Folded = { _tag: "Rows", page: whole.takeEnded() }
  return rows
})
