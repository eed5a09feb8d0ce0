import { Effect, Result } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as Json from "@onymous/identity/encoding/Json"
import * as NumberText from "@onymous/identity/encoding/NumberText"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as ApiFailure from "../http/ApiFailure.ts"

/** The project of the key, once its persons are at the log's head: an act names persons. */
const make = Effect.gen(function* () {
  const log = yield* EventLog
  const freshness = yield* Freshness
  return Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const { position } = yield* log.head(project)
    yield* freshness.reach(project, position)
    return project
  })
})

const { acts } = OperatorCommand

interface Asked<Body> {
  readonly payload: Body
  readonly request: HttpServerRequest.HttpServerRequest
}

/** The fact of a body. Its text is read once more where it has numbers that Effect's decoder did not keep. */
const factOf = <Body>(
  { fact, decode }: OperatorCommand.Act<Body>,
  payload: Body,
  text: string,
): OperatorCommand.Operation => {
  const uuid = randomUUID()
  const exact = NumberText.mayHoldLost(text)
    ? Result.getOrUndefined(decode(Json.clean(ExactJson.parse(text)), uuid))
    : undefined
  return exact ?? fact(payload, uuid)
}

/** Appends the acts of operators to the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fnUntraced(function* (handlers) {
    const actions = yield* OperatorActions
    const project = yield* make
    const record = <Body>(act: OperatorCommand.Act<Body>) =>
      Effect.fnUntraced(function* ({ payload, request }: Asked<Body>) {
        const text = yield* Effect.orDie(request.text)
        const recorded = Effect.flatMap(project, (id) =>
          actions.operate(id, factOf(act, payload, text)),
        )
        return ProjectForms.act(yield* Effect.mapError(recorded, ApiFailure.ofOperation))
      })
    return handlers.handleAll({
      changePolicy: Effect.fnUntraced(function* ({ payload }) {
        const recorded = Effect.flatMap(project, (id) => actions.changePolicy(id, payload))
        return ProjectForms.act(yield* Effect.mapError(recorded, ApiFailure.ofQuestion))
      }),
      split: record(acts["persons.split"]),
      delete: record(acts["persons.delete"]),
      merge: record(acts["persons.merge"]),
      patch: record(acts["persons.patch"]),
      retract: Effect.fnUntraced(function* ({ payload }) {
        const wanted = OperatorCommand.retractionOf(payload)
        const recorded = Effect.flatMap(project, (id) => actions.retract(id, wanted))
        return ProjectForms.act(yield* Effect.mapError(recorded, ApiFailure.ofOperation))
      }),
      deleteProperty: record(acts["persons.delete_property"]),
    })
  }),
)
