import { Context, Effect, Layer } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { isUuid } from "@onymous/identity/encoding/Uuid"
import * as Identity from "@onymous/identity/Identity"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import * as ConeLog from "@onymous/log/ConeLog"
import { EventLog } from "@onymous/log/EventLog"
import { initial } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import * as EditedLog from "./EditedLog.ts"
import { build } from "./History.ts"
import { HistorySource, TooLong } from "./HistorySource.ts"
import * as Point from "./Point.ts"
import { QuestionProgress } from "./QuestionProgress.ts"
import { verify } from "./Verify.ts"

const pageSize = 10_000

/** The history of the whole log up to its head at the start of the question. */
const whole = Effect.fn("DatabaseHistory.whole")(function* (project: ProjectId, eventsMax: number) {
  const log = yield* EventLog
  const { position: head } = yield* log.head(project)
  if (head > eventsMax) return yield* new TooLong({ head, max: eventsMax })
  const onStep = yield* QuestionProgress
  const all: Array<Recorded> = []
  for (let after: Position = zero; after < head;) {
    const limit = Math.min(pageSize, head - after)
    const page = yield* log.read({ project, after, limit })
    for (const recorded of page) all.push(recorded)
    onStep("reading", all.length, head)
    const last = page.at(-1)
    // A log that was wound back ends before its head.
    if (last === undefined) break
    after = last.position
  }
  return yield* build(project, all)
})

/**
 * The cones of some ids, and the position up to which they are derived. Where a rebuild has replaced the live edition
 * meanwhile, it reads them again, because the rows of a retired edition may be gone.
 */
export const conesOf = Effect.fnUntraced(function* (
  project: ProjectId,
  ids: ReadonlySet<DistinctId>,
) {
  const persons = yield* Persons
  for (;;) {
    const stored = yield* persons.checkpoint(project)
    const checkpoint = stored ?? initial(project, (yield* (yield* EventLog).head(project)).logId)
    const cones = yield* persons.conesOf(checkpoint, ids)
    const live = yield* persons.checkpoint(project)
    if (live?.edition === stored?.edition) return { cones, until: checkpoint.position }
  }
})

/** The folded past of the ids' cones, up to the checkpoint; the log of the rest is not read. */
const about = Effect.fn("DatabaseHistory.about")(function* (
  project: ProjectId,
  ids: ReadonlySet<DistinctId>,
  edit: EditedLog.Edit = {},
) {
  const { cones, until } = yield* conesOf(project, ids)
  const moments = [...new Set([edit.from ?? until, until])].filter((position) => position > 0)
  const part = yield* ConeLog.load(project, {
    ids: cones,
    until,
    ticks: (events) => ticksOf(project, events, { moments, until, edit }),
  })
  return yield* build(project, part)
})

/** Where a cone's log needs ticks. */
interface TickQuestion {
  /** Positions that get a tick in any case. */
  readonly moments: ReadonlyArray<Position>
  readonly until: Position
  readonly edit: EditedLog.Edit
}

/**
 * The positions of ticks: those of releases, which are stored for the log as it is, and found by a fold for other
 * logs.
 */
const ticksOf = Effect.fnUntraced(function* (
  project: ProjectId,
  events: ReadonlyArray<Recorded>,
  { moments, until, edit }: TickQuestion,
) {
  if (EditedLog.isLived(events, edit)) return [...moments, ...(yield* releasesOf(project, events))]
  const log = yield* EventLog
  const timed = ConePast.withTicks(events, yield* log.marksAt(project, moments), until)
  const variants = EditedLog.variantsOf(timed, until, edit)
  return [...moments, ...(yield* ConeLog.releases(project, variants))]
})

/** The positions at which events that had waited were released. */
const releasesOf = Effect.fnUntraced(function* (
  project: ProjectId,
  events: ReadonlyArray<Recorded>,
) {
  const persons = yield* Persons
  const positions = events.map(({ position }) => position)
  const fates = [...(yield* persons.fates(project, positions)).values()]
  return fates.flatMap((fate) =>
    fate._tag === "Waited" && fate.released !== undefined ? [fate.released.position] : [],
  )
})

/** Waits until the persons have reached a position, and returns it. */
const reached = Effect.fnUntraced(function* (project: ProjectId, position: Position) {
  if (position > zero) yield* (yield* Freshness).reach(project, position)
  return position
})

const pointOf = (project: ProjectId, text: string, field: string) =>
  Effect.flatMap(Point.resolve(project, text, field), (position) => reached(project, position))

const around = Effect.fn("DatabaseHistory.around")(function* (
  project: ProjectId,
  position: Position,
) {
  const log = yield* EventLog
  const [recorded] = position === 0 ? [] : yield* log.readAt(project, [position])
  if (recorded === undefined) return undefined
  yield* reached(project, position)
  return { recorded, history: yield* about(project, Identity.touched([recorded])) }
})

const eventOf = Effect.fnUntraced(function* (project: ProjectId, uuid: string) {
  const log = yield* EventLog
  const position = isUuid(uuid) ? yield* log.positionOf(project, uuid) : undefined
  if (position === undefined) return undefined
  yield* reached(project, position)
  const [recorded] = yield* log.readAt(project, [position])
  return recorded
})

/** The event to retract, once the persons have reached it. */
const retractable = Effect.fnUntraced(function* (project: ProjectId, eventUuid: string) {
  const { event } = yield* ConeLog.retractable(project, eventUuid)
  yield* eventOf(project, event.uuid)
  return event
})

export interface Limits {
  /**
   * A question that folds a whole log refuses one with more events than this; default: no limit.
   */
  readonly eventsMax?: number
}

/** Reads a project's past from its database: the cones that a question names, or the whole log. */
export const layer = ({ eventsMax = Number.POSITIVE_INFINITY }: Limits = {}): Layer.Layer<
  HistorySource,
  never,
  EventLog | Persons | Freshness
> =>
  Layer.effect(
    HistorySource,
    Effect.gen(function* () {
      const services = Context.make(EventLog, yield* EventLog).pipe(
        Context.add(Persons, yield* Persons),
        Context.add(Freshness, yield* Freshness),
      )
      const provided = Effect.provideContext(services)
      return HistorySource.of({
        whole: (project) => provided(whole(project, eventsMax)),
        about: (project, ids, edit) => provided(about(project, ids, edit)),
        around: (project, position) => provided(around(project, position)),
        point: (project, text, field) => provided(pointOf(project, text, field)),
        acts: (project, question) =>
          provided(Effect.flatMap(EventLog, (log) => log.readActs({ project, ...question }))),
        eventOf: (project, uuid) => provided(eventOf(project, uuid)),
        retractable: (project, eventUuid) => provided(retractable(project, eventUuid)),
        verify: (project, from) => provided(verify(project, from)),
      })
    }),
  )
