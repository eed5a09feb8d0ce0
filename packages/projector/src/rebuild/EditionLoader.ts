import { Data, Effect, Option, Queue, Stream } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import { type Position, zero } from "@onymous/identity/event/Position"
import * as Cones from "@onymous/identity/state/Cones"
import * as ConeLog from "@onymous/log/ConeLog"
import { EventLog, type EventLogError, type PageQuestion } from "@onymous/log/EventLog"
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
 * The writer waits for the rows of this many events, or for this many characters of properties: a
 * statement and a commit cost nearly as much for few rows.
 */
const writeBatch = { events: 10_000, length: 16_000_000 }

/** The log is derived first; then the rows get their indexes. */
type LoadPhase = "deriving" | "indexing"

/** How far and how fast an edition is loaded. */
export interface Loading {
  /** The last position to load. */
  readonly until: Position
  readonly pace: RebuildPace.Pace
  /** The most memory for the project in the fold, in bytes. */
  readonly memoryMax?: number | undefined
}

/**
 * The edition left by a killed rebuild cannot be resumed: its rules, or its memory limit, differ
 * from ours.
 */
export class NotResumable extends Data.TaggedError("NotResumable")<{
  readonly edition: Checkpoint
}> {}

/** A message from the fold to the writer. */
type FoldOutput =
  /** Rows whose intervals have ended, or, at the end of the log, the rows that still hold. */
  | { readonly _tag: "Rows"; readonly page: Page }
  /** No rows: too few have ended, or the killed rebuild that this one resumes has written them. */
  | { readonly _tag: "NoRows"; readonly position: Position }

type Failure = PersonsError | EventLogError | NotResumable

/** Passes a message to the writer, and returns when the fold may go on. */
type Hand = (folded: FoldOutput) => Effect.Effect<void, Failure>

/**
 * Loads the log into an edition in the making, seals the edition, and reports the position on the
 * way. Returns a sealed edition unchanged.
 */
export const load = Effect.fnUntraced(function* (
  edition: Checkpoint,
  { until, pace, memoryMax = HeapLimit.memoryDefault() }: Loading,
  tell: (position: Position, phase: LoadPhase) => Effect.Effect<void, EventLogError>,
) {
  if (edition.stage === "ready") return edition
  const store = yield* PersonStore
  const editions = yield* Editions
  let checkpoint = edition
  const write: Hand = Effect.fnUntraced(function* (folded) {
    if (folded._tag === "NoRows") return yield* tell(folded.position, "deriving")
    yield* store.commit(folded.page)
    checkpoint = folded.page.to
    if (checkpoint.stage === "loaded") return
    yield* tell(checkpoint.position, "deriving")
    yield* pace.pause
  })
  const folding = Effect.flatMap(HeapLimit.watch, (isHeapFull) => {
    const isFull = (bytes: number) => bytes > memoryMax || isHeapFull()
    return pipeToWriter(pace.foldAhead, (hand) => fold(edition, until, isFull, pace, hand), write)
  })
  if (edition.stage === "loading") yield* Effect.scoped(folding)
  yield* tell(checkpoint.position, "indexing")
  return yield* editions.seal(checkpoint)
})

/**
 * Connects a fold with the writer: they alternate, or the fold runs up to `ahead` messages ahead.
 */
const pipeToWriter = <R>(
  ahead: number,
  folding: (hand: Hand) => Effect.Effect<void, Failure, R>,
  write: Hand,
): Effect.Effect<void, Failure, R> => {
  if (ahead === 0) return folding(write)
  const foldingAhead = Stream.callback<FoldOutput, Failure, R>(
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
 * Folds the log from its beginning, up to a position or until the project exceeds the memory.
 * Passes each row to the writer once, when its interval ends, and at the end the rows that still
 * hold.
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
      yield* hand(yield* takeEndedRows(whole, edition))
      return !isFull(whole.bytes)
    }),
  )
  if (whole.to.position < edition.position) return yield* new NotResumable({ edition })
  // The ended rows are written first, because the rows that still hold take long.
  if (whole.backlog.events > 0) yield* hand({ _tag: "Rows", page: whole.takeEnded() })
  yield* hand({ _tag: "Rows", page: yield* WorkInTurns.inBetween(whole.finish()) })
})

/**
 * The events up to a position, in pages that also end at the edition's position; pages are read
 * ahead where the pace allows it.
 */
const eventsOf = (
  { project, position: left }: Checkpoint,
  until: Position,
  { readSize, readAhead }: RebuildPace.Pace,
) => {
  const beginning: Pick<PageQuestion, "after" | "afterUuid"> = { after: zero }
  const pages = Stream.paginate(beginning, ({ after, afterUuid }) =>
    Effect.gen(function* () {
      const end = after < left ? left : until
      const limit = Math.min(end - after, readSize)
      const events = yield* (yield* EventLog).read({ project, after, afterUuid, limit })
      const last = events.at(-1)
      return [
        [events],
        last === undefined || last.position >= until
          ? Option.none()
          : Option.some({ after: last.position, afterUuid: last.event.uuid }),
      ] as const
    }),
  )
  return readAhead === 0 ? pages : Stream.buffer(pages, { capacity: readAhead })
}

/**
 * Folds events in pages of the pace's size. An event that needs whole persons is a page of its own;
 * a retraction gets its past.
 */
const foldEvents = Effect.fnUntraced(function* (
  whole: ProjectInMemory,
  events: ReadonlyArray<Recorded>,
  { foldSize, pause }: RebuildPace.Pace,
) {
  for (let done = 0; done < events.length;) {
    const page = Identity.pageOf(events.slice(done, done + foldSize))
    const past = yield* ConeLog.ofPage(whole.to.project, page, (ids) =>
      Effect.succeed(Cones.of(whole.identity, ids)),
    )
    yield* WorkInTurns.inBetween(whole.foldInTurns(page, past))
    done += page.length
    yield* pause
  }
})

/**
 * Takes the ended rows once they are many enough to write; drops the rows that a killed rebuild has
 * written.
 */
const takeEndedRows = Effect.fnUntraced(function* (whole: ProjectInMemory, edition: Checkpoint) {
  const { position, stateHash } = whole.to
  if (position === edition.position && stateHash !== edition.stateHash) {
    return yield* new NotResumable({ edition })
  }
  const none: FoldOutput = { _tag: "NoRows", position }
  if (position <= edition.position) {
    whole.takeEnded()
    return none
  }
  const { events, length } = whole.backlog
  if (events < writeBatch.events && length < writeBatch.length) return none
  const rows: FoldOutput = { _tag: "Rows", page: whole.takeEnded() }
  return rows
})
