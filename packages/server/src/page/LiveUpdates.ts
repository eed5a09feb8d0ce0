import { Deferred, Duration, Effect, Layer, Context, RcMap, Schedule, Stream } from "effect"
import type { Update } from "@onymous/api/page/LiveForms"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import * as Activity from "@onymous/persons/rows/Activity"
import { Timeline } from "@onymous/persons/Timeline"
import * as StatusQuestion from "../api/questions/StatusQuestion.ts"

/** The shortest time between two updates. */
const updateInterval = Duration.millis(250)

/** The time between looks without a hint, because the persons follow the log with a delay. */
const lookInterval = Duration.seconds(1)

/** The longest time without an update, so that the connection does not look dead. */
const beatInterval = Duration.seconds(15)

/** How many updates a slow reader may be behind; what it misses beyond is looked up for it. */
const behindMax = 64

/** An update has at most this many blocks; with more, the reader asks for all blocks. */
const blocksMax = 100

type Failure = EventLogError | PersonsError

/** Reports the positions of logs and persons. All readers of a project share its looks. */
export class LiveUpdates extends Context.Service<
  LiveUpdates,
  {
    /** The updates of a project, the first at once; `since` is the last position of the reader. */
    readonly of: (project: ProjectId, since: Position | undefined) => Stream.Stream<Update, Failure>
    /** Ends all updates, so that a stopping server waits for no reader. */
    readonly end: Effect.Effect<void>
  }
>()("@onymous/server/page/LiveUpdates") {}

/** Looks at a project; with `since`, it also counts the changes after that position. */
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
    rate: yield* StatusQuestion.rateOf(project, head.position),
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

/** The updates of a project, from repeated looks. */
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
      // One buffered hint is enough, because a look finds all events.
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
  /** The shared updates, and for one reader what it has missed. */
  const read = Effect.fnUntraced(function* (project: ProjectId, since: Position | undefined) {
    const updates = yield* RcMap.get(shared, project)
    let last = yield* lookFor(project, since)
    const next = Stream.mapEffect(updates, (update) =>
      Effect.map(
        update.since > last.checkpoint
          ? lookFor(project, Position(last.checkpoint))
          : Effect.succeed(update),
        (update) => {
          last = update
          return update
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

/** Looks at a project only while it has readers. */
export const layer: Layer.Layer<LiveUpdates, never, EventLog | Persons | Timeline> = Layer.effect(
  LiveUpdates,
  make,
)
