import { type Event, isAct, type Recorded } from "@onymous/identity/event/Event"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"

/** An event behind an answer. */
export interface EventNote {
  readonly position: number
  readonly eventUuid: string
  /** Its name; of an operator's act, what it is. */
  readonly event: string
  readonly receivedAt: Date
}

/** Where something became true, and the event that caused it, where the log still has it. */
export interface EventCause {
  readonly position: number
  readonly eventUuid: string | undefined
  readonly event: string | undefined
  readonly receivedAt: Date | undefined
}

/** An act of an operator: who, why, on whom, and the rest of what was asked. */
export interface OperatorAct extends EventNote {
  /** The name of the act, such as `persons.merge`. */
  readonly api: string
  /** Undefined for an act on the whole project. */
  readonly distinctId: string | undefined
  readonly by: string | undefined
  readonly reason: string | undefined
  /** The rest of what was asked, as the log has it. */
  readonly details: JsonObject
}

const nameOf = (event: Event): string => (event._tag === "Captured" ? event.name : event._tag)

export const toNote = ({ position, recordedAt, event }: Recorded): EventNote => ({
  position,
  eventUuid: event.uuid,
  event: nameOf(event),
  receivedAt: new Date(recordedAt),
})

export const toCause = (position: number, by: Recorded | undefined): EventCause => ({
  position,
  eventUuid: by?.event.uuid,
  event: by && nameOf(by.event),
  receivedAt: by && new Date(by.recordedAt),
})

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined

/** The act of an event; undefined for an event that is none. */
export const toAct = (recorded: Recorded): OperatorAct | undefined => {
  const { event } = recorded
  if (!isAct(event)) return undefined
  if (event._tag === "PolicyChanged") {
    const nobody = { distinctId: undefined, by: undefined, reason: undefined }
    return { ...toNote(recorded), api: "policy", ...nobody, details: { ...event.change } }
  }
  const { api, distinct_id, by, reason, ...details } = OperatorCommand.encode(event)
  return {
    ...toNote(recorded),
    api: textOf(api) ?? "",
    distinctId: textOf(distinct_id),
    by: textOf(by),
    reason: textOf(reason),
    details,
  }
}
