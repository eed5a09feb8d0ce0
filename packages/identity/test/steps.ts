import { Result } from "effect"
import * as OperatorCommand from "../src/event/OperatorCommand.ts"
import * as Event from "../src/event/Event.ts"
import * as EventDecoder from "../src/event/EventDecoder.ts"
import * as Identity from "../src/Identity.ts"
import type * as Json from "../src/encoding/Json.ts"
import type { PolicyChange } from "../src/policy/Policy.ts"
import * as StateHash from "../src/state/StateHash.ts"
import * as WaitingQueue from "../src/state/WaitingQueue.ts"
import { type History, madeUuid, record } from "./pastLines.ts"

/** What happens at one position. */
export type Step =
  /** An event as clients send it. */
  | { readonly event: string; readonly distinct_id: string; readonly properties?: object }
  /** What an operator does. */
  | {
      readonly api: string
      readonly distinct_id: string
      readonly alias?: string
      readonly event_uuid?: string
      readonly properties?: object
    }
  | { readonly policy: PolicyChange }
  | { readonly tick: true }
  /** The retraction of the event at an earlier position; it may name another id. */
  | { readonly undo: number; readonly naming?: string }

export const undo = (position: number) => ({ undo: position })

export const tick = { tick: true } as const

const operation = (body: object, uuid: string): Event.Operation => {
  const json: Json.JsonObject = JSON.parse(JSON.stringify({ by: "us", reason: "a test", ...body }))
  return Result.getOrThrow(OperatorCommand.decode(json, uuid))
}

/** The retraction of an event; it names the ids that the event names. */
export const retraction = (event: Event.Event | undefined, uuid: string): Event.Operation => {
  const alias = (event && "source" in event && event.source) || undefined
  return operation(
    {
      api: "events.retract",
      event_uuid: event?.uuid,
      distinct_id: event && "distinctId" in event ? event.distinctId : "ann",
      ...(alias !== undefined && { alias }),
    },
    uuid,
  )
}

const eventOf = (step: Step, uuid: string, before: ReadonlyArray<Event.Event>): Event.Event => {
  if ("undo" in step && step.naming !== undefined) {
    const event_uuid = madeUuid(step.undo - 1)
    return operation({ api: "events.retract", distinct_id: step.naming, event_uuid }, uuid)
  }
  if ("undo" in step) return retraction(before[step.undo - 1], uuid)
  if ("policy" in step) return { _tag: "PolicyChanged", uuid, change: step.policy }
  if ("tick" in step) return { _tag: "Ticked", uuid }
  if ("api" in step) return operation(step, uuid)
  return Result.getOrThrow(EventDecoder.decode(step, () => uuid)).event
}

/** The log of these steps, a second apart. */
export const logOfSteps = (...steps: ReadonlyArray<Step>): ReadonlyArray<Event.Recorded> => {
  const events: Array<Event.Event> = []
  for (const [index, step] of steps.entries()) {
    events.push(eventOf(step, madeUuid(index), events))
  }
  return events.map(record)
}

/** The state of a history, to compare two of them; it leaves out where the log ends. */
export const stateOf = ({ identity }: Pick<History, "identity">) => ({
  persons: [...Identity.components(identity)]
    .map(({ id, person, members, size, first, firstSeen, joined }) => {
      return { id, person, members: members.toSorted(), size, first, firstSeen, joined }
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  waiting: WaitingQueue.all(identity.waiting).map(({ position }) => position),
  personless: new Set(identity.personless),
  generations: new Map([...identity.generations].filter(([, count]) => count > 0)),
  goneAt: new Map(identity.goneAt),
  refusals: new Map([...identity.refusals].filter(([, count]) => count > 0)),
  stateHash: StateHash.toText(Identity.settle(identity)),
})
