import { Data, Effect } from "effect"
import { randomUUID } from "node:crypto"
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
