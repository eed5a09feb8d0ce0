import { Deferred, Duration, Effect, Layer, Context, RcMap, Schedule, Stream } from "effect"
import type { Update } from "@onymous/api/page/LiveForms"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import * as Activity from "@onymous/persons/rows/Activity"
import { Timeline } from "@onymous/persons/Timeline"
import * as ProjectQuestions from "../api/ProjectQuestions.ts"

/** At most four updates a second, however much comes. */
const updateInterval = Duration.millis(250)

/** Between looks without a hint of an event: the persons follow the log a little later. */
const lookInterval = Duration.seconds(1)

/** An update comes at least so often, so that nobody takes the connection for dead. */
const beatInterval = Duration.seconds(15)

/** How many updates a slow reader may be behind: what it misses then is looked up for it. */
const behindMax = 64

/** More blocks than this are not told: their reader asks for all of them. */
const blocksMax = 100

type Failure = EventLogError | PersonsError

/** Tells where the logs and persons of projects are, to however many readers for the price of one each. */
export class LiveUpdates extends Context.Service<
  LiveUpdates,
  {
    /** Updates of a project, the first at once; `since` is the position that the reader knows. */
    readonly of: (project: ProjectId, since: Position | undefined) => Stream.Stream<Update, Failure>
    /** Ends all of them: a server that ends waits for no reader. */
    readonly end: Effect.Effect<void>
  }
>()("@onymous/server/page/LiveUpdates") {}

/** Where a project is now; counts are told of what changed after a position, if it is given. */
const look = Effect.fnUntraced(function* (project: ProjectId, since: Position | undefined) {
  const log = yield* EventLog
  const timeline = yield* Timeline
  const checkpoint = (yield* (yield* Persons).checkpoint(project))?.position ?? zero
  const head = yield* log.head(project)
  const from = Activity.blockOf((since ?? checkpoint) + 1)
  const isTold = since !== undefined && since < checkpoint
  const isLittle = checkpoint - from < blocksMax * Activity.blockSize
  const buckets =
    isTold && isLittle
      ? yield* timeline.activity({ project, from, to: checkpoint, size: Activity.blockSize })
      : []
  const { count } = yield* timeline.waitingNow(project)
  const update: Update = {
    head: head.position,
    checkpoint,
    since: isLittle ? Math.min(since ?? checkpoint, checkpoint) : checkpoint,
    time: head.recordedAt,
    rate: yield* ProjectQuestions.rateOf(project, head.position),
    waiting: count,
    blocks: buckets.map(({ index, ...counts }) => ({
      position: from + index * Activity.blockSize,
      ...counts,
    })),
  }
  return update
})

const isSame = (a: Update | undefined, b: Update): boolean =>
  a?.head === b.head &&
  a.checkpoint === b.checkpoint &&
  a.waiting === b.waiting &&
  a.rate === b.rate

/** Looks at a project again and again, and tells what is new. */
const following = (project: ProjectId) =>
  Stream.suspend(() => {
    let last: Update | undefined
    let beats = 0
    const next = Effect.gen(function* () {
      const update = yield* look(project, last && Position(last.checkpoint))
      beats += 1
      const isBeat = beats * Duration.toMillis(lookInterval) >= Duration.toMillis(beatInterval)
      if (isSame(last, update) && !isBeat) return []
      beats = 0
      last = update
      return [update]
    })
    const hinted = Stream.unwrap(
      Effect.map(EventLog, ({ appended }) => Stream.filter(appended, (id) => id === project)),
    )
    return Stream.merge(Stream.fromSchedule(Schedule.spaced(lookInterval)), hinted).pipe(
      // Of many hints the last one is enough.
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.mapEffect(() => Effect.tap(next, () => Effect.sleep(updateInterval))),
      Stream.flattenIterable,
    )
  })

const make = Effect.gen(function* () {
  const services = yield* Effect.context<EventLog | Persons | Timeline>()
  const ended = yield* Deferred.make<void>()
  const shared = yield* RcMap.make({
    lookup: (project: ProjectId) =>
      Stream.share(Stream.provideContext(following(project), services), {
        capacity: behindMax,
        strategy: "sliding",
      }),
    idleTimeToLive: Duration.seconds(5),
  })
  const lookFor = (project: ProjectId, since: Position | undefined) =>
    Effect.provideContext(look(project, since), services)
  /** The shared updates for one reader: what it has missed is looked up for it. */
  const read = Effect.fnUntraced(function* (project: ProjectId, since: Position | undefined) {
    const updates = yield* RcMap.get(shared, project)
    let last = yield* lookFor(project, since)
    const next = Stream.mapEffect(updates, (update) =>
      Effect.map(
        update.since > last.checkpoint
          ? lookFor(project, Position(last.checkpoint))
          : Effect.succeed(update),
        (told) => {
          last = told
          return told
        },
      ),
    )
    return Stream.concat(Stream.succeed(last), next)
  })
  const end = Stream.drain(Stream.fromEffect(Deferred.await(ended)))
  return LiveUpdates.of({
    of: (project, since) =>
      Stream.merge(Stream.unwrap(read(project, since)), end, { haltStrategy: "either" }),
    end: Effect.asVoid(Deferred.succeed(ended, undefined)),
  })
})

/** Nothing is looked at before somebody reads. */
export const layer: Layer.Layer<LiveUpdates, never, EventLog | Persons | Timeline> = Layer.effect(
  LiveUpdates,
  make,
)
