import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as ApiFailure from "../http/ApiFailure.ts"

const project = Effect.map(CurrentProject, ({ id }) => ProjectId(id))

const { acts } = OperatorCommand

/** Appends the acts of operators to the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fnUntraced(function* (handlers) {
    const actions = yield* OperatorActions
    const record = <Body>({ fact }: OperatorCommand.Act<Body>) =>
      Effect.fnUntraced(function* ({ payload }: { readonly payload: Body }) {
        const recorded = actions.operate(yield* project, fact(payload, randomUUID()))
        return { position: yield* Effect.mapError(recorded, ApiFailure.ofOperation) }
      })
    return handlers.handleAll({
      changePolicy: Effect.fnUntraced(function* ({ payload }) {
        const recorded = actions.changePolicy(yield* project, payload)
        return { position: yield* Effect.mapError(recorded, ApiFailure.ofQuestion) }
      }),
      split: record(acts["persons.split"]),
      delete: record(acts["persons.delete"]),
      merge: record(acts["persons.merge"]),
      patch: record(acts["persons.patch"]),
      retract: Effect.fnUntraced(function* ({ payload }) {
        const wanted = OperatorCommand.retractionOf(payload)
        const recorded = actions.retract(yield* project, wanted)
        const { position, uuid } = yield* Effect.mapError(recorded, ApiFailure.ofOperation)
        return { position, event_uuid: uuid }
      }),
      deleteProperty: record(acts["persons.delete_property"]),
    })
  }),
)
