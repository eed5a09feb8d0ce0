import { Effect } from "effect"
import { propertiesOf } from "@onymous/identity/event/EventPayload"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import { Position, zero } from "@onymous/identity/event/Position"
import type { Attributed } from "@onymous/persons/Attribution"
import type { WaitingView } from "@onymous/persons/Persons"
import * as ActsPage from "@onymous/log/paging/ActsPage"
import * as EventPage from "@onymous/persons/EventPage"
import {
  check,
  type EventsInput,
  type OperationsInput,
  textOf,
  type WaitingInput,
} from "../inputs/QuestionInputs.ts"
import type { Session } from "../session/Session.ts"
import { type OperatorAct, toAct } from "./EventAnswer.ts"

/** An event that waits for a merge of its id, or has waited. */
export interface WaitingEvent {
  readonly position: number
  readonly distinctId: string
  readonly dueAt: Date
  /** Where it was released; undefined while it waits. */
  readonly releasedPosition: number | undefined
  readonly releasedBy: "event" | "tick" | "retraction" | undefined
  /** Its person, once it is released. */
  readonly personId: string | undefined
}

/** An event, its person now or at a point, and its person when it was processed. */
export interface AttributedEvent {
  readonly position: number
  readonly eventUuid: string
  readonly event: string
  readonly distinctId: string
  readonly properties: JsonObject
  /** When it happened, by the rules of the project. */
  readonly timestamp: Date
  readonly receivedAt: Date
  /** Whose it is: somebody's, not known yet, or nobody's. */
  readonly status: "attributed" | "pending" | "dropped" | "personless"
  readonly personId: string | undefined
  readonly stampedPersonId: string | undefined
  readonly waiting: WaitingEvent | undefined
}

/** A page of a list, newest first; `next` is the `before` of the next page. */
export interface Page<A> {
  readonly results: ReadonlyArray<A>
  readonly next: number | undefined
}

const toWaiting = ({ position, distinctId, dueAt, released }: WaitingView): WaitingEvent => ({
  position,
  distinctId,
  dueAt: new Date(dueAt),
  releasedPosition: released?.position,
  releasedBy: released?.by,
  personId: released?.personId,
})

const toEvent = ({ recorded, event, ...whose }: Attributed): AttributedEvent => ({
  position: recorded.position,
  eventUuid: event.uuid,
  event: event.name,
  distinctId: event.distinctId,
  properties: propertiesOf(recorded.payload),
  timestamp: new Date(whose.timestamp),
  receivedAt: new Date(recorded.recordedAt),
  status: whose.status,
  personId: whose.personId,
  stampedPersonId: whose.stampedPersonId,
  waiting: whose.waiting && toWaiting(whose.waiting),
})

/** Events of everyone or of one person, each with its person. */
export const events = (session: Session, question: EventsInput) => {
  check.events(question)
  const { project } = session
  const { limit = 100, distinctId, before, filterInternal = false } = question
  const asked = { project, distinctId, limit, before, filterInternal }
  const page = session.askAt(question, (persons, at) =>
    Effect.flatMap(persons.checkpoint(project), (found) =>
      EventPage.of({ ...asked, at, checkpoint: found?.position ?? zero }),
    ),
  )
  return Effect.map(page, ({ results, next }): Page<AttributedEvent> => ({
    results: results.map(toEvent),
    next,
  }))
}

/** Events that wait, and, where it is asked so, those that have waited. */
export const waiting = (session: Session, question: WaitingInput | number) => {
  const input = typeof question === "number" ? { limit: question } : question
  check.waiting(input)
  const { limit = 100, before, released = false } = input
  const found = session.askAt(input, (persons, at) =>
    persons.waiting({
      project: session.project,
      limit,
      withReleased: released,
      ...(before !== undefined && { before: Position(before) }),
      ...(at !== undefined && { at }),
    }),
  )
  return Effect.map(found, (all): ReadonlyArray<WaitingEvent> => all.map(toWaiting))
}

/** The acts of operators. */
export const operations = (session: Session, question: OperationsInput) => {
  check.operations(question)
  const { limit = 100, before, at } = question
  const acts = session.askPast(question, (past) =>
    past.acts(session.project, { limit, before, at: textOf(at) }),
  )
  return Effect.map(acts, (page): Page<OperatorAct> => ({
    results: page.flatMap((recorded) => toAct(recorded) ?? []),
    next: ActsPage.nextOf(page, limit),
  }))
}
