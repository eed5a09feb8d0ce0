import { Data, Duration, Effect, Latch, PubSub, Stream } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { projectPage } from "./page/ProjectPage.ts"

/** The persons did not get to a position in the time given. */
export class NotReached extends Data.TaggedError("NotReached")<{
  readonly project: ProjectId
  readonly position: Position
  readonly checkpoint: Position
}> {}

/** How often a waiting reader looks at the checkpoint, because another process may have committed it. */
const lookInterval = Duration.millis(250)

/** A small page costs nearly as much as a large one: wait this long for more. */
const gatherTime = Duration.millis(25)

/** A page smaller than this is small. */
const fewEvents = 500

/** Where the projectors of this process and the readers who wait for them meet. */
export interface CatchUp {
  /** The checkpoints that this process commits and publishes. */
  readonly checkpoints: PubSub.PubSub<Checkpoint>
  /** Open while a reader waits for persons, and at the end: projectors do not gather events then. */
  readonly isAwaited: Latch.Latch
  /** How many readers wait. */
  readers: number
}

/** Where nobody waits yet. */
export const make: Effect.Effect<CatchUp> = Effect.gen(function* () {
  const isAwaited = yield* Latch.make()
  return { checkpoints: yield* PubSub.sliding<Checkpoint>(1024), isAwaited, readers: 0 }
})

/** Tells whoever waits for a project that its checkpoint is another one. */
export const committed = ({ checkpoints }: CatchUp, checkpoint: Checkpoint) =>
  PubSub.publish(checkpoints, checkpoint)

/** Ends with the next checkpoint of a project that this process commits or publishes. */
export const nextCommit = ({ checkpoints }: CatchUp, project: ProjectId): Effect.Effect<void> =>
  Stream.fromPubSub(checkpoints).pipe(
    Stream.filter((checkpoint) => checkpoint.project === project),
    Stream.take(1),
    Stream.runDrain,
  )

/** Projects page after page until the log has no event left. Small pages are gathered while no reader waits. */
export const toTheEnd = Effect.fnUntraced(function* (catchUp: CatchUp, from: Checkpoint) {
  let checkpoint = from
  while (true) {
    const next = yield* projectPage(checkpoint)
    if (next === checkpoint) return checkpoint
    const isSmall = next.position - checkpoint.position < fewEvents
    checkpoint = next
    yield* committed(catchUp, checkpoint)
    if (isSmall) yield* Effect.raceFirst(Effect.sleep(gatherTime), catchUp.isAwaited.await)
  }
})

/** Counts a reader in for as long as it waits. */
const awaited = <A, E, R>(catchUp: CatchUp, wait: Effect.Effect<A, E, R>) =>
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

/** Waits until a project's checkpoint is at or past a position, and wakes its projector at each look. */
export const reached = Effect.fnUntraced(function* (
  catchUp: CatchUp,
  wake: Effect.Effect<void>,
  project: ProjectId,
  position: Position,
  timeoutSeconds: number,
) {
  const persons = yield* Persons
  const log = yield* EventLog
  // A project without an event has no checkpoint, and its persons are where they should be all the same.
  const none = position === 0 ? initial(project, (yield* log.head(project)).logId) : undefined
  const wait = Effect.gen(function* () {
    while (true) {
      const checkpoint = (yield* persons.checkpoint(project)) ?? none
      if (checkpoint !== undefined && checkpoint.position >= position) return checkpoint
      // At each look, because a hint can be lost, and nobody gives any while the projector does not run.
      yield* wake
      yield* Effect.raceFirst(nextCommit(catchUp, project), Effect.sleep(lookInterval))
    }
  })
  return yield* Effect.timeoutOrElse(awaited(catchUp, wait), {
    duration: Duration.seconds(timeoutSeconds),
    orElse: () =>
      Effect.flatMap(persons.checkpoint(project), (at) =>
        Effect.fail(new NotReached({ project, position, checkpoint: at?.position ?? zero })),
      ),
  })
})
