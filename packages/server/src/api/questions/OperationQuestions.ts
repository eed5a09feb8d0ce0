import { Effect, type Schema } from "effect"
import type { OperationsApi } from "@onymous/api/Api"
import type { InvalidQuestion } from "@onymous/api/ApiError"
import * as LogBody from "@onymous/api/bodies/LogBody"
import { PolicyBody } from "@onymous/api/bodies/PolicyBody"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import type { QuestionsOf } from "@onymous/api/Questions"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as RetractionRequest from "@onymous/identity/event/RetractionRequest"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLogError } from "@onymous/log/EventLog"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { Act, OperatorActions, PersonNotFound } from "@onymous/projector/OperatorActions"
import type { ReadBody } from "./ReadBody.ts"

/** Why an act is not carried out. */
export type Failure = EventLogError | PersonsError | PersonNotFound | OperationRefused

/** Carries out an act on a project. */
export type CarryOut = (
  actions: OperatorActions["Service"],
  project: ProjectId,
) => Effect.Effect<Act, Failure>

interface Asked<Body> {
  readonly params: { readonly project: string }
  readonly payload: Body
}

const acts = OperatorCommand.acts

const RetractionBody = LogBody.of(RetractionRequest.Body)

/**
 * Carries out the acts of operators, in the API's forms, for the server and the command line. `perform` says what comes
 * before an act, and how its failure is told.
 */
export const of = <E>(
  perform: (project: ProjectId, carryOut: CarryOut) => Effect.Effect<Act, E>,
  read: ReadBody,
): QuestionsOf<typeof OperationsApi, E | InvalidQuestion> => {
  const act = <Body>(schema: Schema.Codec<Body, unknown>, carryOut: (body: Body) => CarryOut) =>
    Effect.fnUntraced(function* ({ params, payload }: Asked<Body>) {
      const body = yield* read(schema, payload)
      return ProjectForms.act(yield* perform(ProjectId(params.project), carryOut(body)))
    })
  const operate = <Body>({ body, fact }: OperatorCommand.Act<Body>) =>
    act(
      LogBody.of(body),
      (payload) => (actions, project) =>
        actions.operate(project, fact(payload, crypto.randomUUID())),
    )
  return {
    changePolicy: act(
      PolicyBody,
      (change) => (actions, project) => actions.changePolicy(project, change),
    ),
    split: operate(acts["persons.split"]),
    delete: operate(acts["persons.delete"]),
    merge: operate(acts["persons.merge"]),
    patch: operate(acts["persons.patch"]),
    deleteProperty: operate(acts["persons.delete_property"]),
    retract: act(
      RetractionBody,
      (body) => (actions, project) => actions.retract(project, RetractionRequest.of(body)),
    ),
  }
}
