import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import * as LogBody from "@onymous/api/bodies/LogBody"
import { PolicyBody } from "@onymous/api/bodies/PolicyBody"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as ExactBody from "../http/ExactBody.ts"

/** Runs an act once the persons are at the log's head, because an act names persons. */
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

const RetractionBody = LogBody.of(OperatorCommand.RetractionBody)

/** Appends the acts of operators to the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fnUntraced(function* (handlers) {
    const actions = yield* OperatorActions
    const project = yield* make
    const record = <Body>({ body, fact }: OperatorCommand.Act<Body>) =>
      ExactBody.of(LogBody.of(body), ({ payload }: ExactBody.WithPayload<Body>) =>
        Effect.flatMap(project, (id) => actions.operate(id, fact(payload, randomUUID()))).pipe(
          Effect.mapBoth({ onFailure: ApiFailure.ofOperation, onSuccess: ProjectForms.act }),
        ),
      )
    return handlers.handleAll({
      changePolicy: ExactBody.of(
        PolicyBody,
        ({ payload }: ExactBody.WithPayload<typeof PolicyBody.Type>) =>
          Effect.flatMap(project, (id) => actions.changePolicy(id, payload)).pipe(
            Effect.mapBoth({ onFailure: ApiFailure.ofQuestion, onSuccess: ProjectForms.act }),
          ),
      ),
      split: record(acts["persons.split"]),
      delete: record(acts["persons.delete"]),
      merge: record(acts["persons.merge"]),
      patch: record(acts["persons.patch"]),
      retract: ExactBody.of(
        RetractionBody,
        ({ payload }: ExactBody.WithPayload<typeof RetractionBody.Type>) => {
          const wanted = OperatorCommand.retractionOf(payload)
          return Effect.flatMap(project, (id) => actions.retract(id, wanted)).pipe(
            Effect.mapBoth({ onFailure: ApiFailure.ofOperation, onSuccess: ProjectForms.act }),
          )
        },
      ),
      deleteProperty: record(acts["persons.delete_property"]),
    })
  }),
)
