import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Invalid from "@onymous/identity/encoding/Invalid"
import * as Json from "@onymous/identity/encoding/Json"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as ApiFailure from "../http/ApiFailure.ts"

const invalid = (expected: string) => Effect.fail(ApiFailure.ofBody({ field: "body", expected }))

const orInvalid = <A>(decoded: Result.Result<A, Invalid.Invalid>) =>
  Effect.fromResult(Result.mapError(decoded, ApiFailure.ofBody))

/** A body that an event of the log can hold: no deeper, no larger, of clean text. */
const read = Effect.fnUntraced(function* (given: Json.JsonObject) {
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return yield* invalid(`at most ${Json.depthMax} levels of nesting`)
  }
  if (Buffer.byteLength(JSON.stringify(given)) > EventDecoder.bytesMax) {
    return yield* invalid(`at most ${EventDecoder.bytesMax} bytes of JSON`)
  }
  const cleaned = Json.clean(given)
  return Json.isObject(cleaned) ? cleaned : given
})

type Actions = OperatorActions["Service"]

const operate = Effect.fnUntraced(function* (
  actions: Actions,
  name: OperatorCommand.Name,
  given: Json.JsonObject,
) {
  const project = ProjectId((yield* CurrentProject).id)
  const body = yield* read(given)
  yield* orInvalid(OperatorCommand.known(name, body))
  const decoded = OperatorCommand.decode({ ...body, api: name }, randomUUID())
  const operation = yield* orInvalid(decoded)
  const recorded = actions.operate(project, operation)
  return { position: yield* Effect.mapError(recorded, ApiFailure.ofOperation) }
})

const retract = Effect.fnUntraced(function* (actions: Actions, given: Json.JsonObject) {
  const project = ProjectId((yield* CurrentProject).id)
  const body = yield* read(given)
  yield* orInvalid(OperatorCommand.known("events.retract", body))
  const wanted = yield* orInvalid(OperatorCommand.decodeRetraction(body))
  const recorded = actions.retract(project, wanted)
  const { position, uuid } = yield* Effect.mapError(recorded, ApiFailure.ofOperation)
  return { position, event_uuid: uuid }
})

const changePolicy = Effect.fnUntraced(function* (actions: Actions, given: Json.JsonObject) {
  const project = ProjectId((yield* CurrentProject).id)
  const body = yield* read(given)
  if (Object.keys(body).length === 0) return yield* invalid("at least one setting")
  const change = yield* orInvalid(PolicyChange.decode(body))
  const recorded = actions.changePolicy(project, change)
  return { position: yield* Effect.mapError(recorded, ApiFailure.ofQuestion) }
})

/** Records what an operator does, as events in the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fnUntraced(function* (handlers) {
    const actions = yield* OperatorActions
    return handlers.handleAll({
      changePolicy: ({ payload }) => changePolicy(actions, payload),
      split: ({ payload }) => operate(actions, "persons.split", payload),
      delete: ({ payload }) => operate(actions, "persons.delete", payload),
      merge: ({ payload }) => operate(actions, "persons.merge", payload),
      patch: ({ payload }) => operate(actions, "persons.patch", payload),
      retract: ({ payload }) => retract(actions, payload),
      deleteProperty: ({ payload }) => operate(actions, "persons.delete_property", payload),
    })
  }),
)
