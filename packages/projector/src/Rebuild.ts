import { Data, Effect, Exit, Option, Schedule, Stream } from "effect"
import { getHeapStatistics } from "node:v8"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Retraction from "@onymous/identity/Retraction"
import { type Position, zero } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import {
  type Checkpoint,
  type Comparison,
  type Page,
  Persons,
  type PersonsError,
} from "./Persons.ts"
import { initial } from "./MemoryPersons.ts"
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
  /**
   * How many distinct ids may be held in memory, by default as many as two fifths of the heap have room
   * for: what is more is asked of the tables, page by page.
   */
  readonly idsInMemoryMax?: number
}

/**
 * What a distinct id takes while its project is folded in memory, with its rows, in bytes: 600 were
 * measured, and garbage comes on top.
 */
export const bytesPerId = 1024

/** As many ids as the part of the heap that a rebuild may take by itself. */
const idsInMemoryDefault = (): number =>
  Math.floor((getHeapStatistics().heap_size_limit * 0.4) / bytesPerId)

/** How many events are read at once: they are decoded in one go, for which all else waits too. */
const bulkPageSize = 2500

/** How many events are folded at once: whatever else this process does waits for them. */
const foldedTogether = 1000

/** How many pages are read ahead of the fold, so that neither waits for the other. */
const pagesAhead = 2

/** A project with so many events is derived apart, where indexes are made when all rows are there. */
export const longLogMin = 20_000

/** How often others are told that an edition in the making is not left alone. */
const beats = Schedule.spaced("1 second")

/** What is in use is dropped when it is not: every second is enough. */
const untilFree = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(30)])

/** What a killed rebuild left was derived by other rules than this one goes by. */
class OtherRules extends Data.TaggedError("OtherRules")<{}> {}

/** The events from the beginning on, read ahead; what ends at `made` ends a page. */
const readAll = ({ project, position: made }: Checkpoint) =>
  Stream.paginate(zero, (after) =>
    Effect.gen(function* () {
      const left = made - after
      const limit = left > 0 ? Math.min(left, bulkPageSize) : bulkPageSize
      const events = yield* (yield* EventLog).read({ project, after, limit })
      return [[events], Option.fromUndefinedOr(events.at(-1)?.position)] as const
    }),
  ).pipe(Stream.buffer({ capacity: pagesAhead }))

/** Folds events that were read together; those that need whole persons alone, a retraction with its past. */
const foldAll = Effect.fnUntraced(function* (whole: Whole, events: ReadonlyArray<Recorded>) {
  for (let done = 0; done < events.length;) {
    const page = Identity.pageOf(events.slice(done, done + foldedTogether))
    const past = yield* Past.ofPage(whole.to, page, (ids) =>
      Effect.succeed(Retraction.conesOf(whole.identity, ids)),
    )
    whole.fold(page, past)
    done += page.length
    yield* Effect.yieldNow
  }
})

/**
 * The pages of an edition that is loading, from the log's beginning on: what an earlier, killed rebuild
 * has written already is folded, and not written again. Ends with the log, or where the project is too
 * large to be held in memory.
 */
const pages = (
  made: Checkpoint,
  { idsInMemoryMax = idsInMemoryDefault() }: Options,
): Stream.Stream<Page, PersonsError | EventLogError | OtherRules, EventLog | Persons> => {
  const { policy } = initial(made.project, made.logId)
  const whole = new Whole({ ...made, position: zero, policy, lastUuid: undefined })
  const ended = Effect.fnUntraced(function* (events: ReadonlyArray<Recorded>) {
    yield* foldAll(whole, events)
    const { position, stateHash } = whole.to
    if (position === made.position && stateHash !== made.stateHash) return yield* new OtherRules()
    const page = whole.takeEnded()
    return position > made.position ? [page] : []
  })
  const rest = Effect.suspend(() =>
    whole.to.position < made.position ? new OtherRules() : Effect.succeed(whole.finish()),
  )
  return readAll(made).pipe(
    Stream.mapEffect(ended),
    Stream.takeUntil(() => whole.size > idsInMemoryMax),
    Stream.flatMap(Stream.fromIterable),
    Stream.concat(Stream.fromEffect(rest)),
  )
}

/** Loads an edition in the making, and makes it ready; tells the checkpoints on the way. */
const load = (
  made: Checkpoint,
  options: Options,
): Stream.Stream<Checkpoint, PersonsError | EventLogError | OtherRules, EventLog | Persons> => {
  const seal = (loaded: Checkpoint) =>
    Stream.fromEffect(Effect.flatMap(Persons, (persons) => persons.seal(loaded)))
  if (made.stage === "ready") return Stream.empty
  if (made.stage === "loaded") return seal(made)
  return pages(made, options).pipe(
    // While one lot is written, the next one is folded.
    Stream.buffer({ capacity: 1 }),
    Stream.mapEffect((page) =>
      Effect.as(
        Effect.flatMap(Persons, (persons) => persons.commit(page)),
        page.to,
      ),
    ),
    Stream.flatMap((to) => (to.stage === "loaded" ? seal(to) : Stream.succeed(to))),
  )
}

/** The edition in the making, of this log: one that was begun on another is discarded. */
const begin = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const persons = yield* Persons
  const { logId, position } = yield* log.head(project)
  const options = { isLong: position >= longLogMin }
  const made = yield* persons.claimEdition(project, logId, options)
  if (yield* isOf(made, logId)) return { ...made, logId }
  yield* persons.discard(made)
  return yield* persons.claimEdition(project, logId, options)
})

/** Frees what is no longer asked; what somebody still asks is freed by a later rebuild. */
const sweep = Effect.flatMap(Persons, (persons) =>
  Effect.ignore(Effect.retry(persons.sweep, untilFree), { log: "Warn" }),
)

/** Compares what was made with what is live, and puts it in its place where that is asked for. */
const finish = Effect.fnUntraced(function* (made: Checkpoint, { verifyOnly = false }: Options) {
  const persons = yield* Persons
  const comparison = yield* persons.compare(made)
  if (verifyOnly) yield* persons.discard(made)
  else if ((yield* persons.publish(made)) === "behind") return undefined
  yield* sweep
  const outcome: Outcome = { stateHash: made.stateHash, comparison, isPublished: !verifyOnly }
  return outcome
})

/** Claims the edition in the making for a scope, in which others are told so; an interruption discards it. */
const claimed = Effect.fnUntraced(function* (project: ProjectId) {
  const persons = yield* Persons
  const made = yield* Effect.acquireRelease(begin(project), (begun, exit) =>
    Exit.isFailure(exit) && Exit.hasInterrupts(exit)
      ? Effect.ignore(Effect.andThen(persons.discard(begun), persons.sweep))
      : Effect.void,
  )
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(persons.beat(made)), beats))
  return made
})

/** Pages after what is loaded, and the outcome once it has caught up with the log. */
const follow = (loaded: Checkpoint, options: Options) => {
  let made = loaded
  const step = Effect.gen(function* () {
    const next = yield* projectPage(made)
    const isCaughtUp = next === made
    made = next
    const outcome = isCaughtUp ? yield* finish(made, options) : undefined
    const shown = { checkpoint: made, ...(outcome && { outcome }) }
    return [[shown], outcome ? Option.none() : Option.some(undefined)] as const
  })
  return Stream.paginate(undefined, () => step)
}

/**
 * Derives a project anew beside what is live, which is read and written meanwhile, and takes its place
 * in one step. Killed, it goes on where it was when it is called again; interrupted, it leaves nothing.
 */
export const rebuild = (
  project: ProjectId,
  options: Options,
): Stream.Stream<Progress, PersonsError | EventLogError, EventLog | Persons> => {
  const once = Stream.unwrap(
    Effect.gen(function* () {
      const log = yield* EventLog
      let made = yield* claimed(project)
      const loading = Stream.map(load(made, options), (checkpoint) => ({
        checkpoint: (made = checkpoint),
      }))
      const following = Stream.suspend(() => follow(made, options))
      return Stream.mapEffect(
        Stream.concat(loading, following),
        ({
          checkpoint,
          ...rest
        }: {
          readonly checkpoint: Checkpoint
          readonly outcome?: Outcome
        }) =>
          Effect.map(log.head(project), ({ position: head }): Progress => ({
            position: checkpoint.position,
            head,
            ...rest,
          })),
      )
    }),
  )
  return Stream.catchTag(once, "OtherRules", () =>
    Stream.unwrap(Effect.as(discardMade(project), rebuild(project, options))),
  )
}

const discardMade = Effect.fnUntraced(function* (project: ProjectId) {
  const persons = yield* Persons
  const made = yield* persons.making(project)
  if (made !== undefined) yield* persons.discard(made.checkpoint)
})
