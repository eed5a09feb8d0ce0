import type { ReadModel } from "@onymous/persons/ReadModel"
import { Effect } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLog, EventLogError } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { NotReached } from "@onymous/projector/CatchUp"
import { Projector } from "@onymous/projector/Projector"
import * as Point from "@onymous/timetravel/history/Point"
import { positionHeader } from "../capture/Capture.ts"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as ProjectQuestions from "./ProjectQuestions.ts"

const waitSeconds = 10

/** The checkpoint, once the persons are at the position that the question waits for. */
const waitForPersons = Effect.fnUntraced(function* (
  project: ProjectId,
  position: number | undefined,
) {
  const persons = yield* Persons
  const projector = yield* Projector
  if (position === undefined) return yield* persons.checkpoint(project)
  return yield* projector.waitFor(project, Position(position), waitSeconds)
})

/**
 * Runs a question on the project of the key, and adds the position of the persons to the answer.
 */
const answerQuestion = <
  A extends object,
  E extends EventLogError | PersonsError | NotReached | Point.NotUnderstood,
  R,
>(
  question: { readonly min_position?: number | undefined; readonly at?: string | undefined },
  answer: (scope: ProjectQuestions.Scope) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const checkpoint = (yield* waitForPersons(project, question.min_position))?.position ?? zero
    const at = question.at === undefined ? undefined : yield* Point.resolve(project, question.at)
    yield* HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, positionHeader, `${checkpoint}`)),
    )
    const position = Math.min(at ?? checkpoint, checkpoint)
    return { ...(yield* answer({ project, checkpoint, at })), position }
  }).pipe(Effect.mapError(ApiFailure.ofQuestion))

/** Answers questions about a project from its persons and its log. */
export const layer = HttpApiBuilder.group(
  Api,
  "project",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ReadModel | Projector | EventLog>()
    const provide = Effect.provideContext(services)
    return handlers.handleAll({
      persons: ({ query }) =>
        provide(answerQuestion(query, (of) => ProjectQuestions.persons(of, query))),
      events: ({ query }) =>
        provide(answerQuestion(query, (of) => ProjectQuestions.events(of, query))),
      warnings: ({ query }) =>
        provide(answerQuestion(query, (of) => ProjectQuestions.warnings(of, query))),
      waiting: ({ query }) =>
        provide(answerQuestion(query, (of) => ProjectQuestions.waiting(of, query))),
      policy: ({ query }) => provide(answerQuestion(query, ProjectQuestions.policy)),
      status: ({ query }) => provide(answerQuestion(query, ProjectQuestions.status)),
    })
  }),
)
