import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import type { InvalidQuestion } from "@onymous/api/ApiError"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { noProject } from "../access/BearerAuthorization.ts"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as KeyQuestions from "./questions/KeyQuestions.ts"

const failureOf = (error: EventLogError | InvalidQuestion) => {
  if (error._tag === "InvalidQuestion") return error
  const { reason } = error
  return reason._tag === "ProjectNotFound" ? noProject(reason.project) : ApiFailure.unavailable
}

/** Lists, makes and ends the secret keys of a project for the operator. */
export const layer = HttpApiBuilder.group(
  Api,
  "keys",
  Effect.fnUntraced(function* (handlers) {
    const { list, make, end } = KeyQuestions.of(yield* EventLog)
    return handlers.handleAll({
      list: ({ params, query }) => Effect.mapError(list({ params, query }), failureOf),
      make: ({ params, query, payload }) =>
        Effect.mapError(make({ params, query, payload }), failureOf),
      end: ({ params, query, payload }) =>
        Effect.mapError(end({ params, query, payload }), failureOf),
    })
  }),
)
