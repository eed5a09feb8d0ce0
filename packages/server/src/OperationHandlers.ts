import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import * as Command from "@onymous/identity/Command"
import * as Event from "@onymous/identity/Event"
import * as Json from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { ProjectId } from "@onymous/identity/ProjectId"
import type { EventLog } from "@onymous/log/EventLog"
import * as Operations from "@onymous/projector/Operations"
import type { Persons } from "@onymous/projector/Persons"
import type { Projector } from "@onymous/projector/Projector"
import * as Failure from "./Failure.ts"

const invalid = (expected: string) => Effect.fail(Failure.ofBody({ field: "body", expected }))

const orInvalid = <A>(decoded: Result.Result<A, Event.Invalid>) =>
  Effect.fromResult(Result.mapError(decoded, Failure.ofBody))

/** A body that an event of the log can hold: no deeper, no larger, of clean text. */
const read = Effect.fnUntraced(function* (given: Json.JsonObject) {
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return yield* invalid(`at most ${Json.depthMax} levels of nesting`)
  }
  if (Buffer.byteLength(JSON.stringify(given)) > Event.bytesMax) {
    return yield* invalid(`at most ${Event.bytesMax} bytes of JSON`)
  }
  const cleaned = Json.clean(given)
  return Json.isObject(cleaned) ? cleaned : given
})

const operate = Effect.fnUntraced(function* (name: Command.Name, given: Json.JsonObject) {
  const project = ProjectId((yield* CurrentProject).id)
  const body = yield* read(given)
  yield* orInvalid(Command.known(name, body))
  const decoded = Command.decode({ ...body, api: name }, randomUUID())
  const operation = yield* orInvalid(decoded)
  const recorded = Operations.operate(project, operation)
  return { position: yield* Effect.mapError(recorded, Failure.ofOperation) }
})

const retract = Effect.fnUntraced(function* (given: Json.JsonObject) {
  const project = ProjectId((yield* CurrentProject).id)
  const body = yield* read(given)
  yield* orInvalid(Command.known("events.retract", body))
  const wanted = yield* orInvalid(Command.decodeRetraction(body))
  const recorded = Operations.retract(project, wanted)
  const { position, uuid } = yield* Effect.mapError(recorded, Failure.ofOperation)
  return { position, event_uuid: uuid }
})

const changePolicy = Effect.fnUntraced(function* (given: Json.JsonObject) {
  const project = ProjectId((yield* CurrentProject).id)
  const body = yield* read(given)
  if (Object.keys(body).length === 0) return yield* invalid("at least one setting")
  const change = yield* orInvalid(Policy.decode(body))
  const recorded = Operations.changePolicy(project, change)
  return { position: yield* Effect.mapError(recorded, Failure.ofQuestion) }
})

/** Records what an operator does, as events in the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Persons | Projector | EventLog>()
    const provided = Effect.provideContext(services)
    return handlers.handleAll({
      changePolicy: ({ payload }) => provided(changePolicy(payload)),
      split: ({ payload }) => provided(operate("persons.split", payload)),
      delete: ({ payload }) => provided(operate("persons.delete", payload)),
      merge: ({ payload }) => provided(operate("persons.merge", payload)),
      patch: ({ payload }) => provided(operate("persons.patch", payload)),
      retract: ({ payload }) => provided(retract(payload)),
      deleteProperty: ({ payload }) => provided(operate("persons.delete_property", payload)),
    })
  }),
)
