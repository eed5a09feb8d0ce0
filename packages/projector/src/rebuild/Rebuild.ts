import { Clock, Duration, Effect, Exit, Schedule } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import * as DerivationVersion from "@onymous/persons/DerivationVersion"
import { load } from "./EditionLoader.ts"
import * as Heartbeat from "./Heartbeat.ts"
import * as RebuildPace from "./RebuildPace.ts"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { type Comparison, Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { PersonsError } from "@onymous/persons/PersonsError"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { isOf, pageSize, projectPage } from "../page/ProjectPage.ts"

/** What a rebuild came to. */
export interface Outcome {
  /** Where the new edition ends. */
  readonly position: Position
  readonly stateHash: string
  /** How the new edition compares with the live one, before that was replaced. */
  readonly comparison: Comparison
  /** Whether the new edition took the place of the live one. */
  readonly isPublished: boolean
}

/** How far a rebuild is; the last one has the outcome. */
export interface Progress {
  readonly position: Position
  readonly head: Position
  /** How the new edition compares with the live one: told before that is replaced. */
  readonly comparison?: Comparison
  readonly outcome?: Outcome
}

/** Hears how far a rebuild is; the rebuild waits for each call. To stop it, interrupt its fiber. */
export type Tell = (progress: Progress) => Effect.Effect<void>

/** How a rebuild is done. */
export interface Options {
  /** Only compares: the live edition stays. */
  readonly verifyOnly?: boolean
  /**
   * How much of a project the fold may hold in memory, in bytes, two fifths of the heap by default: a
   * project that takes more is derived page by page, from the tables. Garbage comes on top.
   */
  readonly memoryMax?: number
  /**
   * Works in short turns and rests for as long after each, a second at most, so that this process answers
   * others: but for indexes, and once the live edition is nearly reached.
   */
  readonly isGentle?: boolean
  /** Interrupted, the rebuild leaves its edition, so that another rebuild can resume it. */
  readonly keepsMade?: boolean
  /** Takes over the edition of another rebuild that is known to be dead. By default we listen for its heartbeat. */
  readonly takesOver?: boolean
}

/** A log of so many events is derived into tables of its own, which get their indexes when all rows are there. */
export const longLogMin = 20_000

/** Old partitions cannot be dropped while somebody reads them: retry three times; the projector's minute sweep does the rest. */
const untilFree = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(3)])

/** Hears a step of a rebuild, before the log's head is added to it. */
type TellStep = (step: Omit<Progress, "head">) => Effect.Effect<void, EventLogError>

/**
 * Derives a project anew beside the live edition, which is read and written meanwhile, and takes its place
 * in one step. A killed rebuild is resumed by the next one; an interrupted one leaves nothing to resume,
 * unless `keepsMade` asks for that.
 */
export const rebuild = Effect.fnUntraced(function* (
  project: ProjectId,
  options: Options = {},
  tell: Tell = () => Effect.void,
) {
  const log = yield* EventLog
  const head = cached(Effect.map(log.head(project), ({ position }) => position))
  const tellStep: TellStep = (step) =>
    Effect.flatMap(head(step.position, step.outcome !== undefined), (now) =>
      tell({ head: now, ...step }),
    )
  return yield* resumed(project, options, tellStep).pipe(
    // Another rebuild has claimed our edition: this one ends, unless that one has ended too.
    Effect.catchReason("PersonsError", "Fenced", (fenced) =>
      Effect.fail(beingMade(fenced.project)),
    ),
  )
})

/** Resumes the edition that a killed rebuild left; where that cannot be, discards it and begins another one. */
const resumed = (
  project: ProjectId,
  options: Options,
  tell: TellStep,
): Effect.Effect<Outcome, PersonsError | EventLogError, EventLog | ReadModel> =>
  Effect.catchTag(Effect.scoped(derive(project, options, tell)), "NotResumable", ({ edition }) =>
    Effect.gen(function* () {
      const takesOver = yield* (yield* Editions).discard(edition)
      return yield* resumed(project, { ...options, takesOver }, tell)
    }),
  )

/** A rebuild from first to last. */
const derive = Effect.fnUntraced(function* (project: ProjectId, options: Options, tell: TellStep) {
  const { isGentle = false, verifyOnly = false } = options
  yield* refuse(project, options)
  let edition = yield* claim(project, options)
  const pace = isGentle ? yield* RebuildPace.gentle : RebuildPace.fast
  const target = yield* targetOf(edition)
  const until = target > edition.position ? target : edition.position
  const loading = { until, pace, memoryMax: options.memoryMax }
  edition = yield* load(edition, loading, (position) => tell({ position }))
  edition = yield* catchUp(edition, tell, pace.pause)
  // The last stretch goes without rests, because a rebuild that rests gains on fewer events.
  if (isGentle) edition = yield* catchUp(edition, tell)
  const outcome = yield* verifyOnly ? verify(edition, tell) : replace(edition, tell)
  const { position, comparison } = outcome
  yield* tell({ position, comparison, outcome })
  yield* sweep
  return outcome
})

const beingMade = (project: ProjectId) =>
  new PersonsError({ reason: { _tag: "BeingMade", project } })

/** Fails while another rebuild of the project is alive. One that ends while we listen is in nobody's way. */
const refuse = Effect.fnUntraced(function* (project: ProjectId, { takesOver = false }: Options) {
  if (takesOver || !(yield* Heartbeat.isHeard(project, Heartbeat.watchTime))) return
  if ((yield* Heartbeat.markOf(project)) !== undefined) return yield* beingMade(project)
})

/** Claims the edition in the making, or begins one. One of another log, or by other rules, is discarded first. */
const begin = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const editions = yield* Editions
  const { logId, position } = yield* log.head(project)
  const options = { isLong: position >= longLogMin }
  const edition = yield* editions.claim(project, logId, options)
  const isOurs = edition.version === DerivationVersion.version && (yield* isOf(edition, logId))
  if (isOurs) return { ...edition, logId }
  yield* editions.discard(edition)
  return yield* editions.claim(project, logId, options)
})

/** True for an interruption or a defect. After a failure of the log or the tables, the next rebuild can resume. */
const isGivenUp = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && (Exit.hasInterrupts(exit) || Exit.hasDies(exit))

/** Claims the edition in the making for a scope, and beats for it; discards it when the rebuild is given up. */
const claim = Effect.fnUntraced(function* (project: ProjectId, { keepsMade = false }: Options) {
  const editions = yield* Editions
  const edition = yield* Effect.acquireRelease(begin(project), (begun, exit) =>
    isGivenUp(exit) && !keepsMade
      ? Effect.ignore(Effect.andThen(editions.discard(begun), sweep))
      : Effect.void,
  )
  yield* Heartbeat.beat(edition)
  return edition
})

/** Frees the room of editions that nobody asks any more. */
const sweep = Effect.flatMap(Editions, (editions) =>
  Effect.ignore(Effect.retry(editions.sweep, untilFree), { log: "Warn" }),
)

/** Derives page after page of an edition that is ready, up to a position and not past it. */
const follow = Effect.fnUntraced(function* (
  ready: Checkpoint,
  until: Position,
  tell: TellStep,
  pause: Effect.Effect<void> = Effect.void,
) {
  let edition = ready
  while (edition.position < until) {
    const next = yield* projectPage(edition, until)
    if (next === edition) return edition
    edition = next
    yield* tell({ position: edition.position })
    yield* pause
  }
  return edition
})

/**
 * Follows the live edition while that moves by many events and the new edition gains on it. What is left is
 * derived while the live edition is fenced.
 */
const catchUp = Effect.fnUntraced(function* (
  ready: Checkpoint,
  tell: TellStep,
  pause: Effect.Effect<void> = Effect.void,
) {
  let edition = ready
  let leftBefore = Number.POSITIVE_INFINITY
  while (true) {
    const target = yield* targetOf(edition)
    const left = target - edition.position
    edition = yield* follow(edition, target, tell, pause)
    if (left <= pageSize || left > leftBefore / 2) return edition
    leftBefore = left
  }
})

const headOf = (project: ProjectId) =>
  Effect.flatMap(EventLog, (log) => Effect.map(log.head(project), ({ position }) => position))

/** The live edition's position, which the new edition has to reach before it is published; 0 in another log. */
const positionOf = Effect.fnUntraced(function* (live: Checkpoint | undefined, logId: string) {
  return live !== undefined && (yield* isOf(live, logId)) ? live.position : zero
})

/**
 * Where to go: to the live edition, so that both can be compared, or to the log's head where the live
 * edition is far behind, or of another log.
 */
const targetOf = Effect.fnUntraced(function* ({ project, logId }: Checkpoint) {
  const head = yield* headOf(project)
  const live = yield* (yield* Persons).checkpoint(project)
  const position = yield* positionOf(live, logId)
  return position > 0 && head - position < longLogMin ? position : head
})

const compare = Effect.fnUntraced(function* (edition: Checkpoint, tell: TellStep) {
  const comparison = yield* (yield* Editions).compare(edition)
  yield* tell({ position: edition.position, comparison })
  return comparison
})

const outcomeOf = (
  { position, stateHash }: Checkpoint,
  comparison: Comparison,
  isPublished: boolean,
): Outcome => ({ position, stateHash, comparison, isPublished })

/** Compares, and discards the new edition. */
const verify = Effect.fnUntraced(function* (edition: Checkpoint, tell: TellStep) {
  const comparison = yield* compare(edition, tell)
  yield* (yield* Editions).discard(edition)
  return outcomeOf(edition, comparison, false)
})

/**
 * Fences the live projector, catches up, compares, publishes. If another projector claims the live edition
 * meanwhile, it starts over.
 */
const replace = Effect.fnUntraced(function* (ready: Checkpoint, tell: TellStep) {
  const editions = yield* Editions
  let edition = ready
  while (true) {
    const live = yield* fence(edition)
    edition = yield* follow(edition, yield* positionOf(live, edition.logId), tell)
    const comparison = yield* compare(edition, tell)
    edition = yield* follow(edition, yield* headOf(edition.project), tell)
    const answer = yield* editions.publish(edition, live)
    if (answer === "published") return outcomeOf(edition, comparison, true)
  }
})

/** Claims the live edition, so that nobody moves it: events may come faster than persons are derived twice. */
const fence = Effect.fnUntraced(function* ({ project, logId }: Checkpoint) {
  const persons = yield* Persons
  const store = yield* PersonStore
  if ((yield* persons.checkpoint(project)) === undefined) return undefined
  return yield* store.claim(project, logId)
})

/** How long the log's head is cached, because each look is a query. */
const headTime = Duration.millis(200)

/** The log's head, from the cache unless it has to be exact: never before a position that was reached. */
const cached = <E>(look: Effect.Effect<Position, E>) => {
  let cache = { at: Number.NEGATIVE_INFINITY, head: zero }
  return (position: Position, isExact: boolean) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      !isExact && now - cache.at < Duration.toMillis(headTime) && position <= cache.head
        ? Effect.succeed(cache.head)
        : Effect.tap(look, (head) => Effect.sync(() => (cache = { at: now, head }))),
    )
}
