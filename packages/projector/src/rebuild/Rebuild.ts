import { Editions } from "@onymous/persons/Editions"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { Clock, Duration, Effect, Exit, Option, Schedule, Stream } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import * as DerivationVersion from "@onymous/persons/DerivationVersion"
import { load, type NotResumable } from "./EditionLoader.ts"
import * as RebuildPace from "./RebuildPace.ts"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import type { Comparison } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { PersonsError } from "@onymous/persons/PersonsError"
import { isOf, pageSize, projectPage } from "../page/ProjectPage.ts"

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
  /** How it compares with what is live: told before that is replaced. */
  readonly comparison?: Comparison
  readonly outcome?: Outcome
}

/** How a rebuild is done. */
export interface Options {
  /** Only compares: what is live stays. */
  readonly verifyOnly?: boolean
  /**
   * How much of a project may be held in memory, in bytes, two fifths of the heap by default: one that
   * takes more is derived page by page, and asked of the tables. Garbage comes on top.
   */
  readonly memoryMax?: number
  /**
   * Works in short turns and rests for as long after each, a second at most, so that this process answers
   * others: but for indexes, and once what is live is nearly reached.
   */
  readonly isGentle?: boolean
  /** Interrupted, it leaves what it has made, to be gone on with. */
  readonly keepsMade?: boolean
  /** Takes over what another one makes, who is known to be dead: who does not know looks first. */
  readonly takesOver?: boolean
}

/** A project with so many events is derived apart, where indexes are made when all rows are there. */
export const longLogMin = 20_000

/** How often others are told that an edition in the making is not left alone. */
const beats = Schedule.spaced("1 second")

/** So long is looked whether others are told: a busy process may be late. */
const lookTime = Duration.seconds(3)

/** What is in use is dropped when it is not; whoever runs the projector tries again later. */
const untilFree = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(3)])

/** A step of a rebuild: the checkpoint that it makes, and what else there is to tell. */
type Step = Pick<Progress, "position" | "comparison" | "outcome"> & {
  readonly checkpoint?: Checkpoint
}

type Steps<E = never> = Stream.Stream<Step, PersonsError | EventLogError | E, EventLog | ReadModel>

/** The edition in the making, of this log: one of another, or by other rules, is discarded. */
const begin = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const editions = yield* Editions
  const { logId, position } = yield* log.head(project)
  const options = { isLong: position >= longLogMin }
  const made = yield* editions.claim(project, logId, options)
  const isOurs = made.version === DerivationVersion.version && (yield* isOf(made, logId))
  if (isOurs) return { ...made, logId }
  yield* editions.discard(made)
  return yield* editions.claim(project, logId, options)
})

/** Frees what is no longer asked. */
const sweep = Effect.flatMap(Editions, (editions) =>
  Effect.ignore(Effect.retry(editions.sweep, untilFree), { log: "Warn" }),
)

/** What changes while somebody makes an edition of the project; nothing where nobody began one. */
export const markOf = Effect.fnUntraced(function* (project: ProjectId) {
  return (yield* (yield* Editions).making(project))?.mark
})

/** True if somebody was seen to make an edition of the project; says no at once where nobody began one. */
export const isBeingMade = Effect.fnUntraced(function* (
  project: ProjectId,
  time: Duration.Duration,
) {
  const mark = yield* markOf(project)
  if (mark === undefined) return false
  yield* Effect.sleep(time)
  return (yield* markOf(project)) !== mark
})

const beingMade = (project: ProjectId) =>
  new PersonsError({ reason: { _tag: "BeingMade", project } })

/** Leaves what another one makes alone; one that has ended meanwhile is in nobody's way. */
const refused = Effect.fnUntraced(function* (project: ProjectId, { takesOver = false }: Options) {
  if (takesOver || !(yield* isBeingMade(project, lookTime))) return
  if ((yield* markOf(project)) !== undefined) return yield* beingMade(project)
})

/** True for an end that is no failure of the log or the tables, which could go on later. */
const isGivenUp = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && (Exit.hasInterrupts(exit) || Exit.hasDies(exit))

/** Claims the edition in the making for a scope, in which others are told so; given up, it is discarded. */
const claimed = Effect.fnUntraced(function* (project: ProjectId, { keepsMade = false }: Options) {
  const editions = yield* Editions
  const made = yield* Effect.acquireRelease(begin(project), (begun, exit) =>
    isGivenUp(exit) && !keepsMade
      ? Effect.ignore(Effect.andThen(editions.discard(begun), sweep))
      : Effect.void,
  )
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(editions.beat(made)), beats))
  return made
})

/** Pages of an edition that is ready, up to a position and not past it. */
const follow = (ready: Checkpoint, until: Position, pause = Effect.void): Steps =>
  Stream.paginate(ready, (from) =>
    from.position >= until
      ? Effect.succeed([[], Option.none()] as const)
      : Effect.map(Effect.tap(projectPage(from, until), pause), (checkpoint) => [
          [{ position: checkpoint.position, checkpoint }],
          checkpoint === from ? Option.none() : Option.some(checkpoint),
        ]),
  )

/**
 * Takes the live edition over, so that nobody moves it any more: events may come faster than their
 * persons are derived twice.
 */
const hold = Effect.fnUntraced(function* ({ project, logId }: Checkpoint) {
  const persons = yield* Persons
  const store = yield* PersonStore
  if ((yield* persons.checkpoint(project)) === undefined) return undefined
  return yield* store.claim(project, logId)
})

/** Where an edition has to be to take the place of a live one, which may be of a log that is no more. */
const goalOf = Effect.fnUntraced(function* (live: Checkpoint | undefined, logId: string) {
  return live !== undefined && (yield* isOf(live, logId)) ? live.position : zero
})

/** Runs steps to their end, keeps the last checkpoint, and then goes on from there. */
const andThen = <E1, E2>(
  from: Checkpoint,
  steps: Steps<E1>,
  next: (to: Checkpoint) => Steps<E2>,
): Steps<E1 | E2> => {
  let to = from
  const kept = Stream.tap(steps, ({ checkpoint = to }) => Effect.sync(() => (to = checkpoint)))
  return Stream.concat(
    kept,
    Stream.suspend(() => next(to)),
  )
}

const headOf = (project: ProjectId) =>
  Effect.flatMap(EventLog, (log) => Effect.map(log.head(project), ({ position }) => position))

/**
 * Where to go: to what is live, so that both can be compared, or to the log's head where what is live is
 * far behind, or of another log.
 */
const targetOf = Effect.fnUntraced(function* ({ project, logId }: Checkpoint) {
  const head = yield* headOf(project)
  const live = yield* (yield* Persons).checkpoint(project)
  const reached = yield* goalOf(live, logId)
  return reached > 0 && head - reached < longLogMin ? reached : head
})

/**
 * Pages up to the target, and again while that has moved by many and it gains on them: what is left is
 * derived while what is live is held.
 */
const catchUp = (
  made: Checkpoint,
  pause: Effect.Effect<void>,
  leftBefore = Number.POSITIVE_INFINITY,
): Steps =>
  Stream.unwrap(
    Effect.gen(function* () {
      const target = yield* targetOf(made)
      const left = target - made.position
      const isLast = left <= pageSize || left > leftBefore / 2
      return andThen(made, follow(made, target, pause), (to) =>
        isLast ? Stream.empty : catchUp(to, pause, left),
      )
    }),
  )

/** Compares what was made with what is live, says so, and goes on. */
const compared = (made: Checkpoint, next: (comparison: Comparison) => Steps): Steps =>
  Stream.unwrap(
    Effect.gen(function* () {
      const comparison = yield* (yield* Editions).compare(made)
      const told = Stream.succeed({ position: made.position, comparison })
      return Stream.concat(told, next(comparison))
    }),
  )

/** Only compares. */
const verify = (made: Checkpoint): Steps =>
  compared(made, (comparison) =>
    Stream.fromEffect(
      Effect.flatMap(Editions, (editions) => editions.discard(made)).pipe(
        Effect.as(endOf(made, { comparison, isPublished: false })),
      ),
    ),
  )

const endOf = ({ position, stateHash }: Checkpoint, outcome: Omit<Outcome, "stateHash">): Step => ({
  position,
  comparison: outcome.comparison,
  outcome: { stateHash, ...outcome },
})

/** Takes the place of what is live, which is held meanwhile; whoever takes that over has it begin again. */
const replace = (made: Checkpoint): Steps =>
  Stream.unwrap(
    Effect.gen(function* () {
      const live = yield* hold(made)
      const goal = yield* goalOf(live, made.logId)
      return andThen(made, follow(made, goal), (level) =>
        compared(level, (comparison) =>
          Stream.unwrap(
            Effect.map(headOf(made.project), (head) =>
              andThen(level, follow(level, head), (ready) => publish(ready, live, comparison)),
            ),
          ),
        ),
      )
    }),
  )

const publish = (ready: Checkpoint, live: Checkpoint | undefined, comparison: Comparison): Steps =>
  Stream.unwrap(
    Effect.gen(function* () {
      const answer = yield* (yield* Editions).publish(ready, live)
      if (answer === "moved") return replace(ready)
      return Stream.succeed(endOf(ready, { comparison, isPublished: true }))
    }),
  )

/** So long the log's end is told as it was: each look is a question to the database. */
const lookInterval = Duration.millis(200)

/** The log's end as it was lately, or is now: never before a position, and exact where that is asked for. */
const lately = <E>(look: Effect.Effect<Position, E>) => {
  let known = { at: Number.NEGATIVE_INFINITY, head: zero }
  return (position: Position, isExact: boolean) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      !isExact && now - known.at < Duration.toMillis(lookInterval) && position <= known.head
        ? Effect.succeed(known.head)
        : Effect.tap(look, (head) => Effect.sync(() => (known = { at: now, head }))),
    )
}

/** Whoever took over what is made makes it now: unless they have ended, nothing is left to do here. */
const afterFence = (error: PersonsError | EventLogError) =>
  error._tag === "PersonsError" && error.reason._tag === "Fenced"
    ? beingMade(error.reason.project)
    : error

/**
 * Derives a project anew beside what is live, which is read and written meanwhile, and takes its place
 * in one step. Killed, it goes on where it was when it is called again; interrupted, it leaves nothing
 * to go on with, unless that is asked for (`keepsMade`).
 */
export const rebuild = (
  project: ProjectId,
  options: Options,
): Stream.Stream<Progress, PersonsError | EventLogError, EventLog | ReadModel> => {
  const once = Stream.unwrap(
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* refused(project, options)
      const made = yield* claimed(project, options)
      const target = yield* targetOf(made)
      const until = target > made.position ? target : made.position
      const pace = options.isGentle === true ? yield* RebuildPace.gentle : RebuildPace.fast
      const loading = load(made, until, pace, options)
      const finish = options.verifyOnly === true ? verify : replace
      // Whoever rests gains on fewer events: what is held is not to stand still for longer than need be.
      const finishNear = (near: Checkpoint): Steps =>
        options.isGentle === true ? andThen(near, catchUp(near, Effect.void), finish) : finish(near)
      const steps = andThen(made, loading, (loaded) =>
        andThen(loaded, catchUp(loaded, pace.pause), finishNear),
      )
      const head = lately(Effect.map(log.head(project), (at) => at.position))
      const told = Stream.mapEffect(steps, ({ position, comparison, outcome }) =>
        Effect.map(head(position, outcome !== undefined), (now): Progress => ({
          position,
          head: now,
          ...(comparison && { comparison }),
          ...(outcome && { outcome }),
        })),
      )
      // What was replaced is swept when the outcome is told.
      return Stream.concat(told, Stream.drain(Stream.fromEffect(sweep)))
    }),
  )
  const anew = Effect.fnUntraced(function* ({ made }: NotResumable) {
    const takesOver = yield* (yield* Editions).discard(made)
    return rebuild(project, { ...options, takesOver })
  })
  return Stream.catchTag(once, "NotResumable", (left) => Stream.unwrap(anew(left))).pipe(
    Stream.mapError(afterFence),
  )
}
