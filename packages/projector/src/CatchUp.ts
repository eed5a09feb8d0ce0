import { Clock, Duration, Effect, Latch, PubSub, Stream } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Change } from "@onymous/identity/state/Change"
import { EventLog } from "@onymous/log/EventLog"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { NotReached } from "@onymous/persons/reading/Freshness"
import { pageSize, projectPage } from "./page/ProjectPage.ts"
import * as ProjectorMetrics from "./ProjectorMetrics.ts"
import type { Problem, Standstills } from "./Standstill.ts"

/**
 * The interval at which a waiting reader reads the checkpoint, because another process may have
 * committed it.
 */
const lookInterval = Duration.millis(250)

/** A small page costs nearly as much as a large one: wait this long for more. */
const gatherTime = Duration.millis(25)

/** A page smaller than this is small. */
const fewEvents = 500

/** Connects the projectors of this process with the readers that wait for persons. */
export interface CatchUp {
  /** The checkpoints that this process commits or publishes. */
  readonly checkpoints: PubSub.PubSub<Checkpoint>
  /**
   * Open while a reader waits, and when the process stops: projectors then do not wait for larger
   * pages.
   */
  readonly isAwaited: Latch.Latch
  /** The number of waiting readers. */
  readers: number
  /** The projects that stand still, and why: a reader that waits for one fails at once. */
  readonly standstills: Standstills
  /** The standstills that begin. */
  readonly problems: PubSub.PubSub<Problem>
  /** Project → the age in seconds of the first event that its persons lack, as of the last look. */
  readonly gapAges: Map<ProjectId, number>
  /** Project → the last claim of this process; another process may have claimed the project since. */
  readonly claims: Map<ProjectId, Claim>
}

/** What tells one claim of a project from any other. */
export type Claim = Pick<Checkpoint, "edition" | "epoch">

export const make: Effect.Effect<CatchUp> = Effect.gen(function* () {
  const isAwaited = yield* Latch.make()
  const checkpoints = yield* PubSub.sliding<Checkpoint>(1024)
  const problems = yield* PubSub.sliding<Problem>(1024)
  const maps = { standstills: new Map(), gapAges: new Map(), claims: new Map() }
  return { checkpoints, isAwaited, readers: 0, problems, ...maps }
})

/** Notes that this process has claimed a project. */
export const own = Effect.fnUntraced(function* ({ claims }: CatchUp, claimed: Checkpoint) {
  const { project, edition, epoch } = claimed
  claims.set(project, { edition, epoch })
  yield* ProjectorMetrics.owning(project, true)
})

/** Tells the waiting readers of a project its new checkpoint. */
export const announceCommit = ({ checkpoints }: CatchUp, checkpoint: Checkpoint) =>
  PubSub.publish(checkpoints, checkpoint)

/** Returns at the next checkpoint of a project that this process commits or publishes. */
export const nextCommit = ({ checkpoints }: CatchUp, project: ProjectId): Effect.Effect<void> =>
  Stream.fromPubSub(checkpoints).pipe(
    Stream.filter((checkpoint) => checkpoint.project === project),
    Stream.take(1),
    Stream.runDrain,
  )

/**
 * The most events of the next page of an actor. It begins small, because a process that is killed again
 * and again, each time within a large page, would keep nothing of what it did.
 */
export class PageLimit {
  #most = 125

  get most(): number {
    return this.#most
  }

  /** Notes a committed page of this many events: after a full page, the next may have twice as many. */
  committed(events: number): void {
    if (events >= this.#most) this.#most = Math.min(pageSize, this.#most * 2)
  }
}

/** Projects a page of the live edition, and measures it once it is committed. */
const measuredPage = Effect.fnUntraced(function* (from: Checkpoint, most: number) {
  let changes: ReadonlyArray<Change> = []
  const began = yield* Clock.currentTimeNanos
  const tell = (page: { readonly changes: ReadonlyArray<Change> }) =>
    Effect.sync(() => void (changes = page.changes))
  const next = yield* projectPage(from, { most, tell })
  const events = next.position - from.position
  const seconds = Number((yield* Clock.currentTimeNanos) - began) / 1e9
  if (events > 0) yield* ProjectorMetrics.committed(from.project, { seconds, events, changes })
  return next
})

/**
 * Projects page after page up to the log's head, or until `eventsMax` events are projected, so that the caller can
 * check whether a rebuild is faster. After a small page it waits for more events, unless a reader waits.
 */
export const follow = Effect.fnUntraced(function* (
  catchUp: CatchUp,
  from: Checkpoint,
  eventsMax: number,
  limit: PageLimit,
) {
  let checkpoint = from
  while (checkpoint.position - from.position < eventsMax) {
    const { most } = limit
    const next = yield* measuredPage(checkpoint, most)
    if (next === checkpoint) return { checkpoint, isAtTheEnd: true }
    const events = next.position - checkpoint.position
    const isSmall = events < Math.min(fewEvents, most)
    limit.committed(events)
    checkpoint = next
    yield* announceCommit(catchUp, checkpoint)
    if (isSmall) yield* Effect.raceFirst(Effect.sleep(gatherTime), catchUp.isAwaited.await)
  }
  return { checkpoint, isAtTheEnd: false }
})

/** Counts a reader while it waits. */
const countReader = <A, E, R>(catchUp: CatchUp, wait: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      catchUp.readers++
      catchUp.isAwaited.openUnsafe()
    }),
    () => wait,
    () =>
      Effect.sync(() => {
        catchUp.readers--
        if (catchUp.readers === 0) catchUp.isAwaited.closeUnsafe()
      }),
  )

/**
 * Waits until a project's checkpoint is at or past a position, and wakes its projector at each
 * look.
 */
export const waitFor = Effect.fnUntraced(function* (
  catchUp: CatchUp,
  wake: Effect.Effect<void>,
  project: ProjectId,
  position: Position,
  timeoutSeconds: number,
) {
  const persons = yield* Persons
  const log = yield* EventLog
  // A project without events has no checkpoint, and its persons are caught up.
  const none = position === 0 ? initial(project, (yield* log.head(project)).logId) : undefined
  const wait = Effect.gen(function* () {
    while (true) {
      const standstill = catchUp.standstills.get(project)
      if (standstill !== undefined) {
        yield* wake
        return yield* standstill.error
      }
      const checkpoint = (yield* persons.checkpoint(project)) ?? none
      if (checkpoint !== undefined && checkpoint.position >= position) return checkpoint
      // The reader wakes the projector at each look, because hints get lost and the projector may
      // not run.
      yield* wake
      yield* Effect.raceFirst(nextCommit(catchUp, project), Effect.sleep(lookInterval))
    }
  })
  return yield* Effect.timeoutOrElse(countReader(catchUp, wait), {
    duration: Duration.seconds(timeoutSeconds),
    orElse: () =>
      Effect.flatMap(persons.checkpoint(project), (at) =>
        Effect.fail(new NotReached({ project, position, checkpoint: at?.position ?? zero })),
      ),
  })
})
