import type { ReadModel } from "@onymous/persons/ReadModel"
import { Effect } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import { positionHeader } from "../capture/Capture.ts"
import { CaptureRefusals } from "../capture/CaptureRefusals.ts"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as ProjectQuestions from "./questions/ProjectQuestions.ts"
import * as StatusQuestion from "./questions/StatusQuestion.ts"

/**
 * Runs a question on the project of the key, and adds the position of the persons to the answer.
 */
export const answerQuestion = <
  A extends object,
  E extends Parameters<typeof ApiFailure.ofQuestion>[0],
  R,
>(
  question: { readonly min_position?: number | undefined; readonly at?: string | undefined },
  answer: (scope: ProjectQuestions.Scope) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const { min_position: least, at: text } = question
    if (least !== undefined) yield* (yield* Freshness).reach(project, Position(least))
    const source = yield* HistorySource
    const at = text === undefined ? undefined : yield* source.point(project, text, "at")
    const checkpoint = (yield* (yield* Persons).checkpoint(project))?.position ?? zero
    yield* HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, positionHeader, `${checkpoint}`)),
    )
    const position = Math.min(at ?? checkpoint, checkpoint)
    return { ...(yield* answer({ project, checkpoint, at })), position }
  }).pipe(Effect.mapError(ApiFailure.ofQuestion))

/** Lists the projects and the refusals for the operator. */
export const layerAll = HttpApiBuilder.group(
  Api,
  "projects",
  Effect.fnUntraced(function* (handlers) {
    const log = yield* EventLog
    const { all, since } = yield* CaptureRefusals
    const list = Effect.provideService(ProjectQuestions.projects, EventLog, log)
    return handlers.handleAll({
      list: () => Effect.mapError(list, () => ApiFailure.unavailable),
      refusals: () => Effect.map(all, (tallies) => ProjectForms.refusals(since, tallies)),
    })
  }),
)

/** Answers questions about a project from its persons and its log. */
export const layer = HttpApiBuilder.group(
  Api,
  "project",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ReadModel | Freshness | HistorySource | EventLog>()
    const provide = Effect.provideContext(services)
    const refusals = yield* CaptureRefusals
    const status = Effect.fnUntraced(function* (scope: ProjectQuestions.Scope) {
      const refused = (yield* refusals.of(scope.project)).map(ProjectForms.refused)
      return { ...(yield* StatusQuestion.status(scope)), refused }
    })
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
      status: ({ query }) => provide(answerQuestion(query, status)),
    })
  }),
)
