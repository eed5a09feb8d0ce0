import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { Projector } from "@onymous/projector/Projector"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as ExactBody from "../http/ExactBody.ts"
import * as PersonsCaughtUp from "./PersonsCaughtUp.ts"
import * as PastQuestions from "./questions/PastQuestions.ts"

/**
 * Answers questions about the past, once the persons are at the log's head: from the cones of the ids that a question
 * names, else from the whole log.
 */
export const layer = HttpApiBuilder.group(
  Api,
  "past",
  Effect.fnUntraced(function* (handlers) {
    const { verify } = yield* Projector
    const caughtUp = yield* PersonsCaughtUp.make
    const questions = PastQuestions.of(yield* TimeTravel, {
      read: ExactBody.read,
      verifyDeep: verify,
      answer: (project, answer) =>
        Effect.mapError(Effect.andThen(caughtUp(project), answer), ApiFailure.ofPast),
    })
    return handlers.handleAll(questions)
  }),
)
