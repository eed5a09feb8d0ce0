import { Data, Effect } from "effect"
import { randomUUID } from "node:crypto"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation } from "@onymous/identity/event/Event"
import * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Presets from "@onymous/identity/policy/Presets"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ConeLog from "@onymous/log/ConeLog"
import { EventLog } from "@onymous/log/EventLog"
import { Persons, type PersonView } from "@onymous/persons/Persons"
import { OperationRefused } from "@onymous/log/OperationRefused"

/** No person has the distinct id that an operation names. */
export class PersonNotFound extends Data.TaggedError("PersonNotFound")<{
  readonly distinctId: DistinctId
}> {
  override readonly message = `No person has the distinct id ${this.distinctId}.`
}

const refused = (field: string, expected: string) => new OperationRefused({ field, expected })

/**
 * Undoes what an event did, from here on; of a retraction, has what it undid back (SPEC §8). Answers
 * with the position of that fact, and its uuid.
 */
export const retract = Effect.fn("OperatorActions.retract")(function* (
  project: ProjectId,
  { eventUuid, by, reason }: OperatorCommand.Retraction,
) {
  const named = yield* ConeLog.retractable(project, eventUuid)
  const { distinctId } = named
  const source = "source" in named ? named.source : undefined
  const uuid = randomUUID()
  const ids = { distinctId, ...(source && { source }) }
  const event = { _tag: "Retracted" as const, uuid, eventUuid: named.uuid, by, reason, ...ids }
  const payload = JSON.stringify(OperatorCommand.encode(event))
  const { position } = yield* (yield* EventLog).append(project, [{ event, payload }])
  return { position, uuid }
})

/** The rules at the end of the log: the persons may not be there yet. */
const latestPolicy = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const { position: until } = yield* log.head(project)
  const changes = yield* log.readOf({ project, ids: new Set(), until })
  return changes.reduce(
    (policy, { event }) =>
      event._tag === "PolicyChanged" ? PolicyChange.change(policy, event.change) : policy,
    Presets.page,
  )
})

/** Changes the rules of a project from here on; answers with the position of that fact. */
export const changePolicy = Effect.fn("OperatorActions.changePolicy")(function* (
  project: ProjectId,
  change: Policy.PolicyChange,
) {
  const log = yield* EventLog
  const contradiction = PolicyChange.contradictionOf(
    PolicyChange.change(yield* latestPolicy(project), change),
  )
  if (contradiction) return yield* new OperationRefused(contradiction)
  const event = { _tag: "PolicyChanged" as const, uuid: randomUUID(), change }
  const payload = JSON.stringify({ policy: change })
  const { position } = yield* log.append(project, [{ event, payload }])
  return position
})

/** What an operation names that would leave everything as it is. */
const idle = (
  event: Operation,
  persons: ReadonlyArray<PersonView>,
): OperationRefused | undefined => {
  const [person, source] = persons
  if (event._tag === "PersonsMerged" && person?.id === source?.id) {
    return refused("alias", "an id of another person: these two are one")
  }
  if (event._tag !== "PersonSplit" || person === undefined) return undefined
  const { mainDistinctId: main, only = [] } = event
  const has = (id: DistinctId) => person.distinctIds.includes(id)
  if (main !== undefined && !has(main)) {
    return refused("main_distinct_id", "a distinct id of the person")
  }
  if (!only.every(has)) return refused("distinct_ids_to_split", "distinct ids of the person")
  return only.length > 0 && only.every((id) => id === main)
    ? refused("distinct_ids_to_split", "another id than main_distinct_id")
    : undefined
}

/** Records what an operator does to a person; answers with the position of that fact. */
export const operate = Effect.fn("OperatorActions.operate")(function* (
  project: ProjectId,
  event: Operation,
) {
  const persons = yield* Persons
  const named =
    event._tag === "PersonsMerged" ? [event.distinctId, event.source] : [event.distinctId]
  const found: Array<PersonView> = []
  for (const distinctId of named) {
    const person = yield* persons.find(project, distinctId)
    if (person === undefined) return yield* new PersonNotFound({ distinctId })
    found.push(person)
  }
  const refusal = idle(event, found)
  if (refusal) return yield* refusal
  const payload = JSON.stringify(OperatorCommand.encode(event))
  const { position } = yield* (yield* EventLog).append(project, [{ event, payload }])
  return position
})
