import { Editions } from "@onymous/persons/Editions"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { Context, Data, Duration, Effect, Latch, Layer, PubSub, Schedule, Stream } from "effect"
import { Actors } from "@onymous/actor/Actors"
import type { ActorRef } from "@onymous/actor/Behavior"
import { type Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import * as DueClock from "./DueClock.ts"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { PersonsError } from "@onymous/persons/PersonsError"
import { fromTheBeginning, standBy } from "./Takeover.ts"
import { claim, projectPage } from "./page/ProjectPage.ts"
import * as Rebuild from "./rebuild/Rebuild.ts"

/** The persons did not get to a position in the time given. */
export class NotReached extends Data.TaggedError("NotReached")<{
  readonly project: ProjectId
  readonly position: Position
  readonly checkpoint: Position
}> {}

/** The actor that keeps persons up to date. */
export class Projector extends Context.Service<
  Projector,
  {
    /**
     * Returns once the project's checkpoint is at or past a position; fails after `timeoutSeconds`. For as
     * long as it waits, this process derives the project, be it that nobody runs the projector.
     */
    readonly reached: (
      project: ProjectId,
      position: Position,
      timeoutSeconds: number,
    ) => Effect.Effect<Checkpoint, NotReached | PersonsError | EventLogError>
    /**
     * Derives a project again beside the live edition, and takes its place: reads and appends go on.
     * A killed rebuild is resumed by the next one; an interrupted one leaves nothing to resume.
     */
    readonly rebuild: (
      project: ProjectId,
      options?: Rebuild.Options,
      tell?: Rebuild.Tell,
    ) => Effect.Effect<Rebuild.Outcome, PersonsError | EventLogError>
    /** Runs for ever; dies with the first defect of a projector, so that its death is heard. */
    readonly run: Effect.Effect<never>
  }
>()("@onymous/projector/Projector") {}

/** A notification can be lost: this finds what it told of. */
const poll = Schedule.spaced("1 second")

/** A failure of the database is tried again, at first soon, for as long as it lasts. */
const restart = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("10 seconds")])

/** How often a reader who waits looks, where the commit was another process'. */
const lookInterval = Duration.millis(250)

const idleTimeout = Duration.minutes(1)

/** What a rebuild could not free at once, or a killed one left, is freed later. */
const sweeps = Schedule.spaced("1 minute")

/** A page of few events costs nearly as much as one of many: so long is waited for more of them. */
const gatherTime = Duration.millis(25)

/** What fewer events are gathered. */
const fewEvents = 500

/** Nobody gathers while somebody waits, be it for persons or for the end. */
interface Waiters {
  readonly isAsked: Latch.Latch
  count: number
}

/** What a project's projector is told: that there are events, or that a rebuild took its persons' place. */
type Told = "woken" | "replaced"

type Advance = Effect.Effect<Checkpoint, PersonsError | EventLogError, EventLog | ReadModel>

const isFenced = (error: PersonsError | EventLogError): boolean =>
  error instanceof PersonsError &&
  (error.reason._tag === "Fenced" || error.reason._tag === "BeingMade")

const make = Effect.gen(function* () {
  const persons = yield* Persons
  const actors = yield* Actors
  const committed = yield* PubSub.sliding<Checkpoint>(1024)
  const waiters: Waiters = { isAsked: yield* Latch.make(), count: 0 }
  const services = yield* Effect.context<EventLog | ReadModel>()
  const catchUp = (from: Checkpoint) => catchUpFrom(from, committed, waiters)
  const ref = yield* actors.register<Told, PersonsError | EventLogError, never>({
    kind: "projector",
    // One of each: a second one would say nothing new.
    mailboxCapacity: 2,
    batchWeightMax: 1,
    coalesce: true,
    idleTimeout,
    restart,
    start: (key) =>
      Effect.map(Effect.provideContext(claim(ProjectId(key)), services), (claimed) => {
        let checkpoint = claimed
        const told = published(committed, claimed.project)
        const advance: Advance = Effect.suspend(() => fromTheBeginning(checkpoint, told)).pipe(
          // Whoever waits looks when it hears of a commit, and wakes us again: where nothing moved, nothing is said.
          Effect.tap((begun) =>
            begun === checkpoint ? Effect.void : PubSub.publish(committed, begun),
          ),
          Effect.flatMap(catchUp),
          Effect.tap((to) => Effect.sync(() => (checkpoint = to))),
          // What it was woken for may have come while another one had the project.
          Effect.catchIf(isFenced, () =>
            Effect.flatMap(standBy(checkpoint, told), (to) => {
              checkpoint = to
              return advance
            }),
          ),
        )
        // One that was at work has found out by itself, and claimed it: whose it is since then, it stays.
        const replaced = Effect.gen(function* () {
          const live = yield* persons.checkpoint(claimed.project)
          if (live?.edition !== checkpoint.edition) checkpoint = yield* claim(claimed.project)
        })
        return ([message]) =>
          (message === "replaced" ? Effect.andThen(replaced, advance) : advance).pipe(
            Effect.provideContext(services),
            Effect.asVoid,
          )
      }),
  })
  // After the actors in order, so before them at the end.
  yield* Effect.addFinalizer(() => waiters.isAsked.open)
  const announce = (project: ProjectId, progress: Rebuild.Progress) =>
    Effect.provideContext(announced(ref, committed, project, progress), services)
  const wake = (project: ProjectId) => Effect.ignore(ref.tell(project, "woken"))
  return Projector.of({
    reached: (project, position, timeoutSeconds) =>
      waitedFor(waiters, reached(committed, wake(project), project, position, timeoutSeconds)).pipe(
        Effect.provideContext(services),
      ),
    rebuild: (project, options = {}, tell = () => Effect.void) =>
      Rebuild.rebuild(project, options, (progress) =>
        Effect.andThen(announce(project, progress), tell(progress)),
      ).pipe(Effect.provideContext(services)),
    run: Effect.provideContext(run(actors.died, wake), services),
  })
})

/** The projector, asleep until somebody runs it, or waits for a project. */
export const layer: Layer.Layer<Projector, never, EventLog | ReadModel | Actors> = Layer.effect(
  Projector,
  make,
)

/** Projects page after page until there is no event left, and tells each checkpoint. */
const catchUpFrom = Effect.fnUntraced(function* (
  from: Checkpoint,
  committed: PubSub.PubSub<Checkpoint>,
  waiters: Waiters,
) {
  let checkpoint = from
  while (true) {
    const next = yield* projectPage(checkpoint)
    if (next === checkpoint) return checkpoint
    const isSmall = next.position - checkpoint.position < fewEvents
    checkpoint = next
    yield* PubSub.publish(committed, checkpoint)
    if (isSmall) yield* Effect.raceFirst(Effect.sleep(gatherTime), waiters.isAsked.await)
  }
})

/** Lets the projector know that somebody waits. */
const waitedFor = <A, E, R>(waiters: Waiters, wait: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      waiters.count++
      waiters.isAsked.openUnsafe()
    }),
    () => wait,
    () =>
      Effect.sync(() => {
        waiters.count--
        if (waiters.count === 0) waiters.isAsked.closeUnsafe()
      }),
  )

/** Returns with the next checkpoint of a project that this process commits or publishes. */
const published = (committed: PubSub.PubSub<Checkpoint>, project: ProjectId): Effect.Effect<void> =>
  Stream.fromPubSub(committed).pipe(
    Stream.filter((checkpoint) => checkpoint.project === project),
    Stream.take(1),
    Stream.runDrain,
  )

const reached = Effect.fnUntraced(function* (
  committed: PubSub.PubSub<Checkpoint>,
  wake: Effect.Effect<void>,
  project: ProjectId,
  position: Position,
  timeoutSeconds: number,
) {
  const persons = yield* Persons
  const log = yield* EventLog
  // A project without an event has no checkpoint, and is where it should be all the same.
  const none = position === 0 ? initial(project, (yield* log.head(project)).logId) : undefined
  const look = Effect.map(persons.checkpoint(project), (checkpoint) =>
    checkpoint === undefined ? none : checkpoint.position >= position ? checkpoint : undefined,
  )
  // Again at each look, because a hint can be lost, and where nobody runs the projector there are none.
  const next = Effect.andThen(
    wake,
    Effect.raceFirst(published(committed, project), Effect.sleep(lookInterval)),
  )
  const wait: Effect.Effect<Checkpoint, PersonsError> = Effect.flatMap(look, (found) =>
    found ? Effect.succeed(found) : Effect.flatMap(next, () => wait),
  )
  return yield* Effect.timeoutOrElse(wait, {
    duration: Duration.seconds(timeoutSeconds),
    orElse: () =>
      Effect.flatMap(persons.checkpoint(project), (at) =>
        Effect.fail(new NotReached({ project, position, checkpoint: at?.position ?? zero })),
      ),
  })
})

/**
 * A published edition has no owner yet: tells the actor that owned the one before, and does not wait for it,
 * because it is at work for as long as events come, and finds out by looking.
 */
const announced = Effect.fnUntraced(
  function* (
    ref: ActorRef<Told>,
    committed: PubSub.PubSub<Checkpoint>,
    project: ProjectId,
    { outcome }: Rebuild.Progress,
  ) {
    if (outcome?.isPublished !== true) return
    const checkpoint = yield* (yield* Persons).checkpoint(project)
    if (checkpoint !== undefined) yield* PubSub.publish(committed, checkpoint)
    yield* ref.tell(project, "replaced")
  },
  // The rebuild has done its work: the actor looks by itself later, and `run` tells of one that has died.
  Effect.ignoreCause({ log: "Debug" }),
)

const run = (died: Effect.Effect<never>, wake: (project: ProjectId) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const known = new Map<ProjectId, Position>()
    const look = Effect.gen(function* () {
      for (const { project, position } of yield* log.heads) {
        if (known.get(project) === position || position === 0) continue
        known.set(project, position)
        yield* wake(project)
      }
    }).pipe(Effect.ignore({ log: "Warn" }), Effect.repeat(poll))
    const told = Stream.runForEach(log.appended, wake)
    const { sweep } = yield* Editions
    const swept = Effect.repeat(Effect.ignore(sweep, { log: "Debug" }), sweeps)
    const parts = [look, told, swept].map((part) => Effect.andThen(part, Effect.never))
    return yield* Effect.all([died, ...parts, DueClock.run], { concurrency: "unbounded" }).pipe(
      Effect.andThen(Effect.never),
    )
  })
