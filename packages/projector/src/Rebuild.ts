import { Effect, Exit, Option, Stream } from "effect"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Retraction from "@onymous/identity/Retraction"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import {
  type Checkpoint,
  type Comparison,
  type Page,
  Persons,
  type PersonsError,
} from "./Persons.ts"
import * as Past from "./Past.ts"
import { isOf, projectPage } from "./ProjectPage.ts"
import { Whole } from "./Whole.ts"

/** What a rebuild came to. */
export interface Outcome {
  readonly stateHash: string
  /** How it compares with what was live, before that was replaced. */
  readonly comparison: Comparison
  /** Whether it took the place of what was live. */
  readonly isPublished: boolean
}

/** How far a rebuild is; the last one tells what it came to. */
export interface Progress {
  readonly position: Position
  readonly head: Position
  readonly outcome?: Outcome
}

/** How a rebuild is done. */
export interface Options {
  /** Only compares: what is live stays. */
  readonly verifyOnly?: boolean
  /** How many distinct ids may be held in memory: what is more is asked of the tables, page by page. */
  readonly idsInMemoryMax?: number
}

/** About 1.5 GB of heap. */
const defaultIdsInMemoryMax = 1_000_000

/** How many events are read and folded at once. */
const bulkPageSize = 10_000

/** How many events are written at once: what changes again and again among them is written once. */
const writtenTogether = 100_000

/** Where the fold is, and the events that were read beyond it. */
interface Folding {
  readonly from: Checkpoint
  readonly read: ReadonlyArray<Recorded>
}

const readAfter = Effect.fnUntraced(function* ({ project, position: after }: Checkpoint) {
  return yield* (yield* EventLog).read({ project, after, limit: bulkPageSize })
})

/**
 * From position 1 on, with the whole project in memory: while a page is written, the next ones are
 * read and folded. Ends with the log, or where the project is too large.
 */
const inMemory = (
  begun: Checkpoint,
  { idsInMemoryMax = defaultIdsInMemoryMax }: Options,
): Stream.Stream<Page, PersonsError | EventLogError, EventLog | Persons> => {
  if (begun.position > 0) return Stream.empty
  const whole = new Whole(begun)
  const start: Folding = { from: begun, read: [] }
  const folded = Stream.paginate(start, ({ from, read }) =>
    Effect.gen(function* () {
      const events = read.length > 0 ? read : yield* readAfter(from)
      const page = Identity.pageOf(events)
      if (page.length === 0 || whole.size > idsInMemoryMax) {
        return [whole.rest(), Option.none()] as const
      }
      const past = yield* Past.ofPage(from, page, (ids) =>
        Effect.succeed(Retraction.conesOf(whole.identity, ids)),
      )
      const due = whole.foldTogether(page, past, writtenTogether)
      const rest = { from: whole.to, read: events.slice(page.length) }
      return [due, Option.some(rest)] as const
    }),
  )
  return folded.pipe(
    // While one lot is written, the next one is folded.
    Stream.buffer({ capacity: 1 }),
    Stream.tap((page) => Effect.flatMap(Persons, (persons) => persons.commit(page))),
  )
}

/** The edition in the making, of this log: one that was begun on another is discarded. */
const begin = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const persons = yield* Persons
  const { logId } = yield* log.head(project)
  const made = yield* persons.claimEdition(project, logId)
  if (yield* isOf(made, logId)) return { ...made, logId }
  yield* persons.discard(made)
  return yield* persons.claimEdition(project, logId)
})

/** Compares what was made with what is live, and puts it in its place where that is asked for. */
const finish = Effect.fnUntraced(function* (made: Checkpoint, { verifyOnly = false }: Options) {
  const persons = yield* Persons
  const comparison = yield* persons.compare(made)
  const done = (isPublished: boolean): Outcome => ({
    stateHash: made.stateHash,
    comparison,
    isPublished,
  })
  if (verifyOnly) {
    yield* persons.discard(made)
    return done(false)
  }
  return (yield* persons.publish(made)) === "behind" ? undefined : done(true)
})

/**
 * Derives a project anew beside what is live, which is read and written meanwhile, and takes its place
 * in one step. Killed, it goes on where it was when it is called again; interrupted, it leaves nothing.
 */
export const rebuild = (
  project: ProjectId,
  options: Options,
): Stream.Stream<Progress, PersonsError | EventLogError, EventLog | Persons> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const log = yield* EventLog
      const persons = yield* Persons
      let made = yield* Effect.acquireRelease(begin(project), (begun, exit) =>
        Exit.isFailure(exit) && Exit.hasInterrupts(exit)
          ? Effect.ignore(persons.discard(begun))
          : Effect.void,
      )
      const progress = Effect.map(log.head(project), ({ position: head }) => ({
        position: made.position,
        head,
      }))
      const bulk = Stream.tap(inMemory(made, options), ({ to }) =>
        Effect.sync(() => {
          made = to
        }),
      ).pipe(Stream.mapEffect(() => progress))
      const step = Effect.gen(function* () {
        const next = yield* projectPage(made)
        const isCaughtUp = next === made
        made = next
        const outcome = isCaughtUp ? yield* finish(made, options) : undefined
        const shown = { ...(yield* progress), ...(outcome && { outcome }) }
        return [[shown], outcome ? Option.none() : Option.some(undefined)] as const
      })
      return Stream.concat(
        bulk,
        Stream.paginate(undefined, () => step),
      )
    }),
  )
