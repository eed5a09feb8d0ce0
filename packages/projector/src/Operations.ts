import { Data, Effect } from "effect"
import { randomUUID } from "node:crypto"
import * as EffectiveLog from "@onymous/identity/EffectiveLog"
import * as Command from "@onymous/identity/Command"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Operation } from "@onymous/identity/Event"
import type { PolicyChange } from "@onymous/identity/Policy"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "./Persons.ts"
import { Projector } from "./Projector.ts"

/** No person has the distinct id that an operation names. */
export class PersonNotFound extends Data.TaggedError("PersonNotFound")<{
  readonly distinctId: DistinctId
}> {
  override readonly message = `No person has the distinct id ${this.distinctId}.`
}

/** An event cannot be undone: what was expected of it instead. */
export class NotRetractable extends Data.TaggedError("NotRetractable")<{
  readonly field: "event_uuid"
  readonly expected: string
}> {
  override get message(): string {
    return `${this.field}: expected ${this.expected}`
  }
}

const notRetractable = (expected: string) => new NotRetractable({ field: "event_uuid", expected })

/** The event with a uuid, if it can be undone and is not yet; else why not (SPEC §8). */
export const retractable = Effect.fn("Operations.retractable")(function* (
  project: ProjectId,
  eventUuid: string,
) {
  const log = yield* EventLog
  const position = yield* log.positionOf(project, eventUuid)
  const [recorded] = position === undefined ? [] : yield* log.readAt(project, [position])
  if (recorded === undefined) return yield* notRetractable("the uuid of an event in the log")
  const { event } = recorded
  if (!("distinctId" in event)) {
    return yield* notRetractable("an event about a person: rules are changed back")
  }
  const { position: until } = yield* log.head(project)
  const past = yield* log.readOf({ project, ids: new Set([event.distinctId]), until })
  if (EffectiveLog.undone(past).has(event.uuid)) {
    return yield* notRetractable("an event that is not undone yet: retract its retraction")
  }
  return event
})

/**
 * Undoes what an event did, from here on; of a retraction, has what it undid back (SPEC §8). Answers
 * with the position of that fact, and its uuid.
 */
export const retract = Effect.fn("Operations.retract")(function* (
  project: ProjectId,
  { eventUuid, by, reason }: Command.Retraction,
) {
  const named = yield* retractable(project, eventUuid)
  const { distinctId } = named
  const source = "source" in named ? named.source : undefined
  const uuid = randomUUID()
  const ids = { distinctId, ...(source && { source }) }
  const event = { _tag: "Retracted" as const, uuid, eventUuid: named.uuid, by, reason, ...ids }
  const payload = JSON.stringify(Command.encode(event))
  const { position } = yield* (yield* EventLog).append(project, [{ event, payload }])
  yield* (yield* Projector).wake(project)
  return { position, uuid }
})

/** Changes the rules of a project from here on; answers with the position of that fact. */
export const changePolicy = Effect.fn("Operations.changePolicy")(function* (
  project: ProjectId,
  change: PolicyChange,
) {
  const log = yield* EventLog
  const event = { _tag: "PolicyChanged" as const, uuid: randomUUID(), change }
  const payload = JSON.stringify({ policy: change })
  const { position } = yield* log.append(project, [{ event, payload }])
  yield* (yield* Projector).wake(project)
  return position
})

/** Records what an operator does to a person; answers with the position of that fact. */
export const operate = Effect.fn("Operations.operate")(function* (
  project: ProjectId,
  event: Operation,
) {
  const persons = yield* Persons
  const named =
    event._tag === "PersonsMerged" ? [event.distinctId, event.source] : [event.distinctId]
  for (const distinctId of named) {
    const person = yield* persons.find(project, distinctId)
    if (person === undefined) return yield* new PersonNotFound({ distinctId })
  }
  const payload = JSON.stringify(Command.encode(event))
  const { position } = yield* (yield* EventLog).append(project, [{ event, payload }])
  yield* (yield* Projector).wake(project)
  return position
})
