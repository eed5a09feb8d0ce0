import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { EventLog } from "@onymous/log/EventLog"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as LogQuestions from "./LogQuestions.ts"

/** Tells what the log of a project holds. */
export const layer = HttpApiBuilder.group(
  Api,
  "log",
  Effect.fnUntraced(function* (handlers) {
    const { page } = LogQuestions.of(yield* EventLog)
    return handlers.handleAll({
      page: ({ params, query }) =>
        Effect.mapError(page({ params, query }), () => ApiFailure.unavailable),
    })
  }),
)
