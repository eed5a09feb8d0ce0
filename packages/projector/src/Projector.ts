import { Context, Effect, Layer, Schedule, Stream } from "effect"
import { Actors } from "@onymous/actor/Actors"
import type { ActorRef } from "@onymous/actor/Behavior"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as CatchUp from "./CatchUp.ts"
import * as DueClock from "./DueClock.ts"
import * as ProjectActor from "./ProjectActor.ts"
import * as Rebuild from "./rebuild/Rebuild.ts"

/** The actors that keep the persons of all projects up to date. */
export class Projector extends Context.Service<
  Projector,
  {
    /**
     * Returns once the project's checkpoint is at or past a position; fails after `timeoutSeconds`. For as
     * long as a reader waits, this process derives the project, be it that nobody runs the projector.
     */
    readonly reached: (
      project: ProjectId,
      position: Position,
      timeoutSeconds: number,
    ) => Effect.Effect<Checkpoint, CatchUp.NotReached | PersonsError | EventLogError>
    /**
     * Derives a project again beside the live edition, and takes its place: reads and appends go on.
     * A killed rebuild is resumed by the next one; an interrupted one leaves nothing to resume.
     */
    readonly rebuild: (
      project: ProjectId,
      options?: Rebuild.Options,
      tell?: Rebuild.Tell,
    ) => Effect.Effect<Rebuild.Outcome, PersonsError | EventLogError>
    /** Follows the log for ever; dies with the first defect of a project's actor, so that its death is heard. */
    readonly run: Effect.Effect<never>
  }
>()("@onymous/projector/Projector") {}

/** A hint can be lost: the poll finds the events that it told of. */
const poll = Schedule.spaced("1 second")

/** The editions that a rebuild could not free at once, or a killed one left, are freed by a later sweep. */
const sweeps = Schedule.spaced("1 minute")

const make = Effect.gen(function* () {
  const actors = yield* Actors
  const services = yield* Effect.context<EventLog | ReadModel>()
  const catchUp = yield* CatchUp.make
  const ref = yield* actors.register(ProjectActor.behavior(catchUp))
  // Registered after the actors, so that it runs before they stop: none of them gathers events then.
  yield* Effect.addFinalizer(() => catchUp.isAwaited.open)
  const wake = (project: ProjectId) => Effect.ignore(ref.tell(project, "woken"))
  const announce = (project: ProjectId) =>
    Effect.provideContext(announced(ref, catchUp, project), services)
  return Projector.of({
    reached: (project, position, timeoutSeconds) =>
      CatchUp.reached(catchUp, wake(project), project, position, timeoutSeconds).pipe(
        Effect.provideContext(services),
      ),
    rebuild: (project, options, tell = () => Effect.void) =>
      Rebuild.rebuild(project, options, (progress) =>
        progress.outcome?.isPublished === true
          ? Effect.andThen(announce(project), tell(progress))
          : tell(progress),
      ).pipe(Effect.provideContext(services)),
    run: Effect.provideContext(run(actors.firstDeath, wake), services),
  })
})

/** The projector, asleep until somebody runs it, or waits for a project. */
export const layer: Layer.Layer<Projector, never, EventLog | ReadModel | Actors> = Layer.effect(
  Projector,
  make,
)

/**
 * A published edition has no owner yet: tells the actor that owned the one before, and does not wait for it,
 * because it is at work for as long as events come, and finds out by looking.
 */
const announced = Effect.fnUntraced(
  function* (ref: ActorRef<ProjectActor.Message>, catchUp: CatchUp.CatchUp, project: ProjectId) {
    const live = yield* (yield* Persons).checkpoint(project)
    if (live !== undefined) yield* CatchUp.committed(catchUp, live)
    yield* ref.tell(project, "replaced")
  },
  // The rebuild has done its work: the actor looks by itself later, and `run` tells of one that has died.
  Effect.ignoreCause({ log: "Debug" }),
)

/** Wakes each project whose log has grown, be it that no hint told of it. */
const polled = (wake: (project: ProjectId) => Effect.Effect<void>) =>
  Effect.suspend(() => {
    const ends = new Map<ProjectId, Position>()
    const look = Effect.gen(function* () {
      for (const { project, position } of yield* (yield* EventLog).heads) {
        if (ends.get(project) === position || position === 0) continue
        ends.set(project, position)
        yield* wake(project)
      }
    })
    return Effect.repeat(Effect.ignore(look, { log: "Warn" }), poll)
  })

const run = Effect.fnUntraced(function* (
  firstDeath: Effect.Effect<never>,
  wake: (project: ProjectId) => Effect.Effect<void>,
) {
  const log = yield* EventLog
  const { sweep } = yield* Editions
  const parts = [
    Stream.runForEach(log.appended, wake),
    polled(wake),
    Effect.repeat(Effect.ignore(sweep, { log: "Debug" }), sweeps),
    DueClock.run,
  ].map((part) => Effect.andThen(part, Effect.never))
  return yield* Effect.raceAllFirst([firstDeath, ...parts])
})
