import { Data, Effect } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { isUuid } from "@onymous/identity/encoding/Uuid"
import { EventLog } from "@onymous/log/EventLog"
import { initial } from "@onymous/persons/Checkpoint"
import * as ConeLog from "@onymous/log/ConeLog"
import { Persons } from "@onymous/persons/Persons"
import { build, History } from "./History.ts"
import { NotUnderstood } from "./Point.ts"
import * as EditedLog from "./EditedLog.ts"

/** The log is too long to be held in memory. */
export class TooLong extends Data.TaggedError("TooLong")<{
  readonly head: Position
  readonly max: number
}> {
  override get message(): string {
    return `The log has ${this.head} events, and at most ${this.max} are held in memory here.`
  }
}

const pageSize = 10_000

/** A project's history, from its log; refused where that is longer than `max`. */
export const history = Effect.fn("HistorySource.history")(function* (
  project: ProjectId,
  max = Number.POSITIVE_INFINITY,
) {
  const log = yield* EventLog
  const { position: head } = yield* log.head(project)
  if (head > max) return yield* new TooLong({ head, max })
  const all: Array<Recorded> = []
  for (let after: Position = zero; ;) {
    const page = yield* log.read({ project, after, limit: pageSize })
    for (const recorded of page) all.push(recorded)
    const last = page.at(-1)
    if (last === undefined) return yield* build(project, all)
    after = last.position
  }
})

/**
 * The part of a project's history that is about some distinct ids: all that was said of the ids of
 * their cones, since nothing that names none of them can reach them (DESIGN §6). It answers like the
 * whole one, as of the checkpoint, and costs as much as there is to say of them.
 */
export const about = Effect.fn("HistorySource.about")(function* (
  project: ProjectId,
  ids: ReadonlySet<DistinctId>,
  edit: EditedLog.Edit = {},
) {
  const log = yield* EventLog
  const persons = yield* Persons
  const { logId } = yield* log.head(project)
  const checkpoint = (yield* persons.checkpoint(project)) ?? initial(project, logId)
  const { position: until } = checkpoint
  const cones = yield* persons.conesOf(checkpoint, ids)
  const { from = until } = edit
  const past = yield* ConeLog.load(project, {
    ids: cones,
    until,
    moments: [from, until].filter((position) => position > 0),
    variants: (all) =>
      [all, EditedLog.edited({ log: all, head: until }, edit)].flatMap(EffectiveLog.livesOf),
  })
  return new History(project, past.log)
})

/** The event at a position, and the part of the history that it is about. */
export const around = Effect.fn("HistorySource.around")(function* (
  project: ProjectId,
  position: Position,
) {
  const log = yield* EventLog
  const [recorded] = position === 0 ? [] : yield* log.readAt(project, [position])
  if (recorded === undefined) return undefined
  return { recorded, history: yield* about(project, Identity.touched([recorded])) }
})

/** The events with these uuids; an unknown one is refused by the field that named it. */
export const eventsOf = Effect.fn("HistorySource.eventsOf")(function* (
  project: ProjectId,
  uuids: ReadonlyArray<string>,
  field: string,
) {
  const log = yield* EventLog
  const positions: Array<Position> = []
  for (const uuid of uuids) {
    const position = isUuid(uuid) ? yield* log.positionOf(project, uuid) : undefined
    if (position === undefined) {
      return yield* new NotUnderstood({ field, expected: "uuids of events in the log" })
    }
    positions.push(position)
  }
  return yield* log.readAt(project, positions)
})
