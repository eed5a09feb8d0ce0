import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as ExactBody from "../http/ExactBody.ts"
import * as PersonsCaughtUp from "./PersonsCaughtUp.ts"
import * as OperationQuestions from "./questions/OperationQuestions.ts"

/** Appends the acts of operators to the log, once the persons are at its head, because an act names persons. */
export const layer = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fnUntraced(function* (handlers) {
    const actions = yield* OperatorActions
    const caughtUp = yield* PersonsCaughtUp.make
    const { changePolicy, ...acts } = OperationQuestions.of(
      (project, carryOut) =>
        Effect.mapError(
          Effect.andThen(caughtUp(project), carryOut(actions, project)),
          ApiFailure.ofOperation,
        ),
      ExactBody.read,
    )
    const handler = (asked: Parameters<typeof changePolicy>[0]) =>
      // A policy names no person.
      Effect.catchTag(changePolicy(asked), "PersonNotFound", Effect.die)
    return handlers.handleAll({ ...acts, changePolicy: handler })
  }),
)
