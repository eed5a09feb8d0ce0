import { Effect, Exit, Schedule } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import * as DerivationVersion from "@onymous/persons/DerivationVersion"
import * as CachedHead from "./CachedHead.ts"
import { load } from "./EditionLoader.ts"
import * as Heartbeat from "./Heartbeat.ts"
import { fence, hold, positionOf } from "./LiveEdition.ts"
import * as RebuildPace from "./RebuildPace.ts"
import * as VerificationFinding from "./VerificationFinding.ts"
import type { Checkpoint, StoredCheckpoint } from "@onymous/persons/Checkpoint"
import { type Comparison, Editions } from "@onymous/persons/Editions"
import { PersonsError } from "@onymous/persons/PersonsError"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { isOf, pageSize, projectPage } from "../page/ProjectPage.ts"
import * as ProjectorMetrics from "../ProjectorMetrics.ts"

/** The result of a rebuild. */
export interface Outcome {
  /** The last position of the new edition. */
  readonly position: Position
  readonly stateHash: string
  /** The comparison of the new edition with the live one, before the replacement. */
  readonly comparison: Comparison
  /** True where the new edition replaced the live one. */
  readonly isPublished: boolean
}

/**
 * The phases of a rebuild, in order. Only the first counts events; those that came meanwhile are
 * derived between the others.
 */
export type Phase = "deriving" | "indexing" | "comparing" | "publishing"

/** The progress of a rebuild, reported where a phase begins, too; its last report has the outcome. */
export interface Progress {
  readonly phase: Phase
  readonly position: Position
  readonly head: Position
  /** The comparison of the new edition with the live one, reported before the replacement. */
  readonly comparison?: Comparison
  readonly outcome?: Outcome
}

/**
 * Hears the progress of a rebuild, which waits for each call. To stop the rebuild, interrupt its
 * fiber.
 */
export type Tell = (progress: Progress) => Effect.Effect<void>

export interface Options {
  /** Only compares, and leaves the live edition in place. */
  readonly verifyOnly?: boolean
  /**
   * The most memory for a project in the fold, in bytes, not counting garbage; default: two fifths
   * of the heap. The rest of a larger project is derived page by page, from the tables.
   */
  readonly memoryMax?: number
  /**
   * Pauses after each short turn for as long as the turn took, at most a second, so that this
   * process answers requests. Making indexes and the last stretch before the live edition take no
   * pauses.
   */
  readonly isGentle?: boolean
  /** An interrupted rebuild leaves its edition for another to resume. */
  readonly keepsEdition?: boolean
  /**
   * Takes over the edition of another rebuild without listening for its heartbeat: the caller knows
   * that it is dead.
   */
  readonly skipsHeartbeat?: boolean
}

/**
 * A log with this many events gets tables of its own, which get their indexes after all rows are
 * written.
 */
export const longLogMin = 20_000

/**
 * The retries of a sweep, because partitions cannot be dropped while queries read them; the projector's sweeps do the
 * rest.
 */
const untilFree = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(3)])

/** A step of a rebuild, before the log's head is added; events are derived where it names no phase. */
interface StepReport extends Omit<Progress, "head" | "phase"> {
  readonly phase?: Phase
}

/** Hears the progress of a step. */
type TellStep = (step: StepReport) => Effect.Effect<void, EventLogError>

/**
 * Derives a project again beside the live edition, which is read and written meanwhile, and
 * replaces it in one step. The next rebuild resumes a killed one; an interrupted rebuild leaves
 * nothing to resume, unless `keepsEdition` is set.
 */
export const rebuild = Effect.fnUntraced(function* (
  project: ProjectId,
  options: Options = {},
  tell: Tell = () => Effect.void,
) {
  const log = yield* EventLog
  const head = CachedHead.of(Effect.map(log.head(project), ({ position }) => position))
  const tellStep: TellStep = (step) =>
    Effect.flatMap(head(step.position, step.outcome !== undefined), (now) =>
      Effect.andThen(
        ProjectorMetrics.rebuilding(project, { position: step.position, head: now }),
        tell({ head: now, phase: "deriving", ...step }),
      ),
    )
  return yield* resumeOrRestart(project, options, tellStep).pipe(
    // Another rebuild has claimed the edition, and this one leaves the work to it; or `end` has retired the edition.
    Effect.catchReason("PersonsError", "Fenced", () =>
      Effect.flatMap(Heartbeat.markOf(project), (mark) =>
        Effect.fail(mark === undefined ? endedError(project) : beingMadeError(project)),
      ),
    ),
    Effect.ensuring(ProjectorMetrics.rebuilt(project)),
  )
})

/**
 * Ends the rebuild of a project, whichever process runs it; answers whether there was one. The rebuild fails where it
 * writes next, and leaves nothing to resume.
 */
export const end = Effect.fnUntraced(function* (project: ProjectId) {
  const editions = yield* Editions
  const making = yield* editions.making(project)
  return making !== undefined && (yield* editions.discard(making.checkpoint))
})

/**
 * Resumes the edition that a killed rebuild left; discards an edition that cannot be resumed, and
 * starts again.
 */
const resumeOrRestart = (
  project: ProjectId,
  options: Options,
  tell: TellStep,
): Effect.Effect<Outcome, PersonsError | EventLogError, EventLog | ReadModel> =>
  Effect.catchTag(Effect.scoped(derive(project, options, tell)), "NotResumable", ({ edition }) =>
    Effect.gen(function* () {
      const skipsHeartbeat = yield* (yield* Editions).discard(edition)
      return yield* resumeOrRestart(project, { ...options, skipsHeartbeat }, tell)
    }),
  )

/** Runs a rebuild from its first step to its last. */
const derive = Effect.fnUntraced(function* (project: ProjectId, options: Options, tell: TellStep) {
  const { isGentle = false, verifyOnly = false } = options
  yield* refuse(project, options)
  const damaged = verifyOnly ? yield* damagedOf(project) : undefined
  if (damaged !== undefined) return yield* tellOutcome(damaged, tell)
  let edition = yield* claim(project, options)
  const pace = isGentle ? yield* RebuildPace.gentle : RebuildPace.fast
  const target = yield* targetOf(edition)
  const until = target > edition.position ? target : edition.position
  const loading = { until, pace, memoryMax: options.memoryMax }
  edition = yield* load(edition, loading, (position, phase) => tell({ position, phase }))
  edition = yield* catchUp(edition, tell, pace.pause)
  // The last stretch runs without pauses, because with them the rebuild gains on fewer events.
  if (isGentle) edition = yield* catchUp(edition, tell)
  const outcome = yield* verifyOnly
    ? Effect.flatMap(verify(edition, tell), (verified) => tellOutcome(verified, tell))
    : replace(edition, tell)
  yield* sweep
  return outcome
})

const tellOutcome = (outcome: Outcome, tell: TellStep) => {
  const { position, comparison } = outcome
  return Effect.as(tell({ phase: "publishing", position, comparison, outcome }), outcome)
}

const beingMadeError = (project: ProjectId) =>
  new PersonsError({ reason: { _tag: "BeingMade", project } })

const endedError = (project: ProjectId) => new PersonsError({ reason: { _tag: "Ended", project } })

/**
 * Fails while another rebuild of the project is alive; an edition that disappears meanwhile stops
 * nobody.
 */
const refuse = Effect.fnUntraced(function* (
  project: ProjectId,
  { skipsHeartbeat = false }: Options,
) {
  if (skipsHeartbeat || !(yield* Heartbeat.isHeard(project, Heartbeat.watchTime))) return
  if ((yield* Heartbeat.markOf(project)) !== undefined) return yield* beingMadeError(project)
})

/**
 * Claims the edition in the making, or begins one. Discards an edition of another log or of other
 * rules first.
 */
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

/** True after an interruption or a defect. After a typed failure the next rebuild can resume. */
const isGivenUp = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && (Exit.hasInterrupts(exit) || Exit.hasDies(exit))

/**
 * Claims the edition in the making for a scope, and beats for it; discards the edition when the
 * rebuild is given up.
 */
const claim = Effect.fnUntraced(function* (project: ProjectId, { keepsEdition = false }: Options) {
  const editions = yield* Editions
  const edition = yield* Effect.acquireRelease(begin(project), (begun, exit) =>
    isGivenUp(exit) && !keepsEdition
      ? Effect.ignore(Effect.andThen(editions.discard(begun), sweep))
      : Effect.void,
  )
  yield* Heartbeat.beat(edition)
  return edition
})

/** Frees the room of editions that no query reads any more. */
const sweep = Effect.flatMap(Editions, (editions) =>
  Effect.ignore(Effect.retry(editions.sweep, untilFree), { log: "Warn" }),
)

/** Projects page after page into a sealed edition, up to a position. */
const follow = Effect.fnUntraced(function* (
  ready: Checkpoint,
  until: Position,
  tell: TellStep,
  pause: Effect.Effect<void> = Effect.void,
) {
  let edition = ready
  while (edition.position < until) {
    const next = yield* projectPage(edition, { until })
    if (next === edition) return edition
    edition = next
    yield* tell({ position: edition.position })
    yield* pause
  }
  return edition
})

/**
 * Follows the live edition while many events are left and the new edition still gains on it. The
 * rest follows while the live edition is fenced.
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

/**
 * The position to reach: the live edition's, so that the two can be compared, or the log's head
 * where the live edition is far behind or belongs to another log.
 */
const targetOf = Effect.fnUntraced(function* ({ project, logId }: Checkpoint) {
  const head = yield* headOf(project)
  const live = yield* (yield* Editions).live(project)
  const position = yield* positionOf(live, logId)
  return position > 0 && head - position < longLogMin ? position : head
})

const compare = Effect.fnUntraced(function* (edition: Checkpoint, tell: TellStep) {
  yield* tell({ phase: "comparing", position: edition.position })
  const comparison = yield* (yield* Editions).compare(edition)
  yield* tell({ phase: "comparing", position: edition.position, comparison })
  return comparison
})

const outcomeOf = (
  { position, stateHash }: Checkpoint,
  comparison: Comparison,
  isPublished: boolean,
): Outcome => ({ position, stateHash, comparison, isPublished })

/** How often a verification follows the live edition before it stops its projector for a moment. */
const followsMax = 20

/**
 * Compares all rows with those of the live edition at one position, then discards the new edition. While the live
 * edition moves on, the new one follows it; after `followsMax` rounds the live edition is fenced for the comparison.
 */
const verify = Effect.fnUntraced(function* (ready: Checkpoint, tell: TellStep) {
  const editions = yield* Editions
  let edition = ready
  for (let follows = 0; ; follows++) {
    const look = follows < followsMax ? editions.live(ready.project) : hold(edition)
    const { edition: next, comparison } = yield* Effect.scoped(
      Effect.flatMap(look, (live) => compareAll(edition, live, tell)),
    )
    edition = next
    if (comparison === undefined) continue
    yield* tell({ phase: "comparing", position: edition.position, comparison })
    yield* editions.discard(edition)
    return outcomeOf(edition, comparison, false)
  }
})

/**
 * Follows the live edition to its observed position, and compares; no comparison where the live edition has moved
 * meanwhile.
 */
const compareAll = Effect.fnUntraced(function* (
  ready: Checkpoint,
  live: StoredCheckpoint | undefined,
  tell: TellStep,
) {
  const edition = yield* follow(ready, yield* positionOf(live, ready.logId), tell)
  yield* tell({ phase: "comparing", position: edition.position })
  const found = yield* (yield* Editions).compare(edition, { isWhole: true })
  return { edition, comparison: VerificationFinding.findingOf(found, edition, live) }
})

/**
 * The outcome of a verification whose log is damaged; it makes no comparison, because the persons follow from the
 * log.
 */
const damagedOf = Effect.fnUntraced(function* (project: ProjectId) {
  const damage = yield* (yield* EventLog).damage(project)
  if (damage === undefined) return undefined
  const { position } = damage
  const comparison = { position, isSame: false, persons: [], tables: [damage] }
  return { position, stateHash: "", comparison, isPublished: false } satisfies Outcome
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
    yield* tell({ phase: "publishing", position: edition.position })
    const outcome = outcomeOf(edition, comparison, true)
    // Not interrupted in between, because whoever gives up then has to hear that it is done.
    const answer = yield* Effect.uninterruptible(
      Effect.tap(editions.publish(edition, live), (published) =>
        published === "published" ? tellOutcome(outcome, tell) : Effect.void,
      ),
    )
    if (answer === "published") return outcome
  }
})
