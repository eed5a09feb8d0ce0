import { Effect, Result } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ConeLog from "@onymous/log/ConeLog"
import * as Bisect from "./Bisect.ts"
import * as Difference from "./Difference.ts"
import * as HistorySource from "../history/HistorySource.ts"
import { NotUnderstood } from "../history/Point.ts"
import * as Story from "./Story.ts"
import * as Trace from "./Trace.ts"
import * as WhatIf from "./WhatIf.ts"
import * as EditedLog from "../history/EditedLog.ts"
import * as Why from "./Why.ts"

/** Why two distinct ids are one person, now or at a position, or what kept them apart. */
export const why = Effect.fn("TimeTravel.why")(function* (
  project: ProjectId,
  [a, b]: readonly [DistinctId, DistinctId],
  at?: Position,
) {
  const history = yield* HistorySource.about(project, new Set([a, b]))
  return Why.why(history, a, b, at ?? history.head)
})

/** The events each of which, left out alone, leaves two distinct ids of one person apart. */
export const undo = Effect.fn("TimeTravel.undo")(function* (
  project: ProjectId,
  [a, b]: readonly [DistinctId, DistinctId],
  at?: Position,
) {
  const history = yield* HistorySource.about(project, new Set([a, b]))
  return Why.undo(history, a, b, at ?? history.head)
})

/** The links whose loss would split a distinct id's person, those that leave two large parts first. */
export const culprits = Effect.fn("TimeTravel.culprits")(function* (
  project: ProjectId,
  id: DistinctId,
  at?: Position,
) {
  const history = yield* HistorySource.about(project, new Set([id]))
  return Why.culprits(history, id, at ?? history.head)
})

/** The events that gave a property of a distinct id's person its values, the last one first. */
export const settings = Effect.fn("TimeTravel.settings")(function* (
  project: ProjectId,
  [id, key]: readonly [DistinctId, string],
  at?: Position,
) {
  const history = yield* HistorySource.about(project, new Set([id]))
  return Story.settings(history, id, key, at ?? history.head)
})

/** What the rules made of the event at a position; nothing where there is none. */
export const trace = Effect.fn("TimeTravel.trace")(function* (
  project: ProjectId,
  position: Position,
) {
  const found = yield* HistorySource.around(project, position)
  return found && Trace.trace(found.history, found.recorded)
})

/** What happened to a distinct id's person, up to a position. */
export const story = Effect.fn("TimeTravel.story")(function* (
  project: ProjectId,
  id: DistinctId,
  at?: Position,
) {
  const history = yield* HistorySource.about(project, new Set([id]))
  return Story.story(history, id, at ?? history.head)
})

/**
 * What changed between two positions, for everyone or for a distinct id's persons; a log of more than
 * `max` events is held in memory for nobody.
 */
export const diff = Effect.fn("TimeTravel.diff")(function* (
  project: ProjectId,
  {
    from,
    to,
    id,
  }: {
    readonly from: Position
    readonly to?: Position | undefined
    readonly id?: DistinctId | undefined
  },
  max?: number,
) {
  const history = yield* id === undefined
    ? HistorySource.history(project, max)
    : HistorySource.about(project, new Set([id]))
  const all = Difference.diff(history, from, to ?? history.head)
  return id === undefined ? all : Difference.about(all, id)
})

/** The first position at which a condition, in words, held; the rest as `diff`. */
export const bisect = Effect.fn("TimeTravel.bisect")(function* (
  project: ProjectId,
  words: ReadonlyArray<string>,
  max?: number,
) {
  const ids = Bisect.idsOf(words)
  const history = yield* ids === undefined
    ? HistorySource.history(project, max)
    : HistorySource.about(project, ids)
  const condition = Result.mapError(
    Bisect.parse(history, words),
    (invalid) => new NotUnderstood(invalid),
  )
  return Bisect.bisect(yield* Effect.fromResult(condition))
})

/** What the retraction of an event that can be undone would change; nothing is written. */
export const retraction = Effect.fn("TimeTravel.retraction")(function* (
  project: ProjectId,
  eventUuid: string,
) {
  const event = yield* ConeLog.retractable(project, eventUuid)
  const edit = { without: new Set([event.uuid]) }
  const history = yield* HistorySource.about(project, Identity.touched([{ event }]), edit)
  return yield* WhatIf.replayed(history, edit)
})

/**
 * What an edit would make different, and how many distinct ids it could reach. Other rules may reach
 * everyone; other events reach no further than the cones of their ids.
 */
export const whatIf = Effect.fn("TimeTravel.whatIf")(function* (
  project: ProjectId,
  edit: EditedLog.Edit,
  max?: number,
) {
  const left = yield* HistorySource.eventsOf(project, [...(edit.without ?? [])], "without")
  const known = { ...edit, without: new Set(left.map(({ event }) => event.uuid)) }
  const ids = Identity.touched([...left, ...(edit.insert ?? [])])
  const history = yield* edit.policy === undefined
    ? HistorySource.about(project, ids, known)
    : HistorySource.history(project, max)
  return {
    ...(yield* WhatIf.replayed(history, known)),
    blastRadius: WhatIf.blastRadius(history, known),
  }
})
