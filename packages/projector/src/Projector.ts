import { Context, Effect, Layer, PubSub, Schedule, Stream } from "effect"
import { Actors } from "@onymous/actor/Actors"
import type { ActorRef } from "@onymous/actor/Behavior"
import { UsesReserved } from "@onymous/database/sql/ReservedConnection"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError, type Head } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import type { PersonsError } from "@onymous/persons/PersonsError"
import { Freshness, type NotReached } from "@onymous/persons/reading/Freshness"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as CatchUp from "./CatchUp.ts"
import * as DueClock from "./DueClock.ts"
import * as InboxDrain from "./InboxDrain.ts"
import * as Lag from "./Lag.ts"
import * as LagWatch from "./LagWatch.ts"
import * as ProjectActor from "./ProjectActor.ts"
import * as Rebuild from "./rebuild/Rebuild.ts"
import * as Standstill from "./Standstill.ts"
import { verificationOf, VerificationProgress } from "./rebuild/RebuildVerification.ts"

/** Keeps the persons of all projects up to date. */
export class Projector extends Context.Service<
  Projector,
  {
    /**
     * Waits until the project's checkpoint is at or past a position; fails after `timeoutSeconds`.
     * While a reader waits, this process projects the project even if nobody runs the projector.
     */
    readonly waitFor: (
      project: ProjectId,
      position: Position,
      timeoutSeconds: number,
    ) => Effect.Effect<Checkpoint, NotReached | PersonsError | EventLogError>
    /**
     * Derives a project again beside the live edition, then replaces it; reads and appends go on.
     * The next rebuild resumes a killed one; an interrupted rebuild leaves nothing to resume.
     */
    readonly rebuild: (
      project: ProjectId,
      options?: Rebuild.Options,
      tell?: Rebuild.Tell,
    ) => Effect.Effect<Rebuild.Outcome, PersonsError | EventLogError>
    /**
     * Compares the log with its seals, then every row of every derived table with those of a new derivation.
     */
    readonly verify: (
      project: ProjectId,
    ) => Effect.Effect<ReturnType<typeof verificationOf>, PersonsError | EventLogError>
    /** How far the persons of a project are behind its log, and why, if they stand still. */
    readonly lag: (project: ProjectId) => Effect.Effect<Lag.Lag, PersonsError | EventLogError>
    /** The projects that stand still now, and each that begins to, once until it goes on. */
    readonly problems: Stream.Stream<Standstill.Problem>
    /** How many projects of this process stand still. */
    readonly stopped: Effect.Effect<number>
    /**
     * The greatest age in seconds, over all projects, of the first event that the persons lack, as of at most ten seconds
     * ago; 0 where this process does not run the projector.
     */
    readonly gapAge: Effect.Effect<number>
    /**
     * Follows the log for ever. A project whose log was wound back, or that has a defect, stands still until that is
     * mended, while the others go on; the log lines of the process tell why.
     */
    readonly run: Effect.Effect<never>
    /**
     * Does for some projects for ever what no question does: events that wait for a place get it, and those that
     * wait for a merge are released when they are due. Persons are derived where they are asked for.
     */
    readonly runFor: (isOurs: (project: ProjectId) => boolean) => Effect.Effect<never>
  }
>()("@onymous/projector/Projector") {}

/** The poll finds the events of lost hints. */
const poll = Schedule.spaced("1 second")

/**
 * The interval between sweeps, which free the editions that a rebuild could not free or left when
 * it was killed.
 */
const sweeps = Schedule.spaced("1 minute")

const make = Effect.gen(function* () {
  const actors = yield* Actors
  const services = yield* Effect.context<EventLog | ReadModel>()
  const catchUp = yield* CatchUp.make
  const ref = yield* actors.register(ProjectActor.behavior(catchUp))
  // Finalizers run in reverse order: this one ends the wait for larger pages before the actors
  // stop.
  yield* Effect.addFinalizer(() => catchUp.isAwaited.open)
  const wake = (project: ProjectId) => Effect.ignore(ref.tell(project, "woken"))
  const announce = (project: ProjectId) =>
    Effect.provideContext(announceEdition(ref, catchUp, project), services)
  return Projector.of({
    waitFor: (project, position, timeoutSeconds) =>
      CatchUp.waitFor(catchUp, wake(project), project, position, timeoutSeconds).pipe(
        Effect.provideContext(services),
      ),
    rebuild: (project, options, tell = () => Effect.void) =>
      Rebuild.rebuild(project, options, (progress) =>
        progress.outcome?.isPublished === true
          ? Effect.andThen(announce(project), tell(progress))
          : tell(progress),
      ).pipe(Effect.provideContext(services)),
    verify: (project) =>
      VerificationProgress.pipe(
        Effect.flatMap((tell) => Rebuild.rebuild(project, { verifyOnly: true }, tell)),
        Effect.map(verificationOf),
        Effect.provideContext(services),
      ),
    lag: (project) => Effect.provideContext(Lag.of(catchUp, project), services),
    problems: Stream.unwrap(
      Effect.map(PubSub.subscribe(catchUp.problems), (begun) => {
        const standing = [...catchUp.standstills].map(([project, { error }]) => ({
          project,
          error,
        }))
        return Stream.concat(Stream.fromIterable(standing), Stream.fromSubscription(begun))
      }),
    ),
    stopped: Effect.sync(() => catchUp.standstills.size),
    gapAge: Effect.sync(() => Math.max(0, ...catchUp.gapAges.values())),
    run: run(actors.firstDeath, wake, catchUp).pipe(
      Effect.provideContext(services),
      Effect.provideService(UsesReserved, true),
    ),
    runFor: (isOurs) =>
      runFor(actors.firstDeath, isOurs).pipe(
        Effect.provideContext(services),
        Effect.provideService(UsesReserved, true),
      ),
  })
})

/** The projector. It works while `run` runs, or while a reader waits for a project. */
export const layer: Layer.Layer<Projector, never, EventLog | ReadModel | Actors> = Layer.effect(
  Projector,
  make,
)

/** Makes answers wait for the persons for at most this many seconds. */
export const freshness = (timeoutSeconds: number): Layer.Layer<Freshness, never, Projector> =>
  Layer.effect(
    Freshness,
    Effect.map(Projector, ({ waitFor }) => ({
      reach: (project, position) => waitFor(project, position, timeoutSeconds),
    })),
  )

/**
 * Tells the owner of the previous edition that no projector owns the published one yet. It does not
 * wait for that actor, because a busy actor notices by itself.
 */
const announceEdition = Effect.fnUntraced(
  function* (ref: ActorRef<ProjectActor.Message>, catchUp: CatchUp.CatchUp, project: ProjectId) {
    const live = yield* (yield* Persons).checkpoint(project)
    yield* Standstill.end(catchUp.standstills, project)
    if (live !== undefined) yield* CatchUp.announceCommit(catchUp, live)
    yield* ref.tell(project, "replaced")
  },
  // The rebuild is done, so a failure here harms nothing: the actor looks by itself, and `run`
  // reports its death.
  Effect.ignoreCause({ log: "Debug" }),
)

/** True for an empty log of a project that has derived persons: it was wound back to its beginning. */
const isEmptied = Effect.fnUntraced(function* ({ project, position }: Head) {
  if (position > 0) return false
  return ((yield* (yield* Editions).live(project))?.position ?? 0) > 0
})

/**
 * Wakes every project whose head differs from that of the last look, because a hint was lost or the log was wound
 * back, and every project that stands still.
 */
const pollHeads = (
  wake: (project: ProjectId) => Effect.Effect<void>,
  { standstills }: CatchUp.CatchUp,
) =>
  Effect.suspend(() => {
    const ends = new Map<ProjectId, Position>()
    const look = Effect.gen(function* () {
      for (const project of standstills.keys()) yield* wake(project)
      const { heads } = yield* EventLog
      // Not traced, because a look each second would drown all other traces.
      for (const head of yield* Effect.withTracerEnabled(heads, false)) {
        const { project, position } = head
        const before = ends.get(project)
        if (before === position) continue
        const isUsed = position > 0 || before !== undefined || (yield* isEmptied(head))
        ends.set(project, position)
        if (isUsed) yield* wake(project)
      }
    })
    return Effect.repeat(Effect.ignore(look, { log: "Debug" }), poll)
  })

const run = Effect.fnUntraced(function* (
  firstDeath: Effect.Effect<never>,
  wake: (project: ProjectId) => Effect.Effect<void>,
  catchUp: CatchUp.CatchUp,
) {
  const log = yield* EventLog
  const { sweep } = yield* Editions
  const parts = [
    Stream.runForEach(log.appended, wake),
    pollHeads(wake, catchUp),
    Effect.repeat(Effect.ignore(Effect.withTracerEnabled(sweep, false), { log: "Debug" }), sweeps),
    DueClock.run,
    InboxDrain.run,
    LagWatch.run(catchUp),
  ].map((part) => Effect.andThen(part, Effect.never))
  return yield* Effect.raceAllFirst([firstDeath, ...parts])
})

/** The same log and store, as if there were no events to drain or to release but of some projects. */
const runFor = Effect.fnUntraced(function* (
  firstDeath: Effect.Effect<never>,
  isOurs: (project: ProjectId) => boolean,
) {
  const log = yield* EventLog
  const store = yield* PersonStore
  const inboxes = Effect.map(log.inboxes, (projects) => projects.filter(isOurs))
  const overdue = Effect.map(store.overdue, (all) => all.filter(({ project }) => isOurs(project)))
  return yield* Effect.raceAllFirst([firstDeath, DueClock.run, InboxDrain.run]).pipe(
    Effect.provideService(EventLog, { ...log, inboxes }),
    Effect.provideService(PersonStore, { ...store, overdue }),
  )
})
