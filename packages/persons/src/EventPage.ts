import { Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as PayloadPage from "@onymous/log/paging/PayloadPage"
import * as Attribution from "./Attribution.ts"
import * as InternalUsers from "./InternalUsers.ts"
import { latest, Persons } from "./Persons.ts"

/** Which events are asked for. */
export interface EventsQuestion {
  readonly project: ProjectId
  /** The position of the persons. */
  readonly checkpoint: Position
  /** The position as of which persons are told; undefined for now. */
  readonly at: Position | undefined
  /** Only events of this id's person. */
  readonly distinctId?: string | undefined
  readonly limit: number
  readonly before?: number | undefined
  /** Leaves out the events of internal users (SPEC §7). */
  readonly filterInternal: boolean
}

/**
 * A page of events with their persons, newest first, of all persons or of one; `next` is the `before` of the
 * next page. A page of large events is shorter than `limit`.
 */
export const of = Effect.fn("EventPage.of")(function* (question: EventsQuestion) {
  const { project, checkpoint, at, limit, filterInternal } = question
  const log = yield* EventLog
  const persons = yield* Persons
  const id = question.distinctId === undefined ? undefined : DistinctId(question.distinctId)
  const before = Math.min(question.before ?? latest, (at ?? latest) + 1)
  const person = id && (yield* persons.find(project, id, at))
  const ids = id && (person?.distinctIds ?? [id])
  const page = yield* log.readPayloads({
    project,
    limit,
    descending: true,
    ...(ids !== undefined && { distinctIds: ids }),
    ...(before < latest && { before: Position(before) }),
  })
  const attributed = yield* Attribution.of(project, page, checkpoint, at)
  const results = filterInternal ? yield* InternalUsers.events(project, attributed) : attributed
  return { results, next: PayloadPage.isFull(page, limit) ? page.at(-1)?.position : undefined }
})
