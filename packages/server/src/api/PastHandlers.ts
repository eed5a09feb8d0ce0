import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import * as PastBodies from "@onymous/api/bodies/PastBodies"
import { CurrentProject } from "@onymous/api/Authorization"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { Projector } from "@onymous/projector/Projector"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as ExactBody from "../http/ExactBody.ts"
import * as PastQuestions from "./PastQuestions.ts"

/** Runs a question once the persons are at the log's head. */
const make = Effect.gen(function* () {
  const log = yield* EventLog
  const freshness = yield* Freshness
  const caughtUp = Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const { position } = yield* log.head(project)
    yield* freshness.reach(project, position)
  })
  return <Request, A, E extends Parameters<typeof ApiFailure.ofPast>[0]>(
    question: (request: Request) => Effect.Effect<A, E>,
  ) =>
    (request: Request) =>
      Effect.mapError(Effect.andThen(caughtUp, question(request)), ApiFailure.ofPast)
})

/**
 * Answers questions about the past: from the cones of the ids that a question names, else from the
 * whole log.
 */
export const layer = HttpApiBuilder.group(
  Api,
  "past",
  Effect.fnUntraced(function* (handlers) {
    const { verify } = yield* Projector
    const past = PastQuestions.of(yield* TimeTravel, { verifyDeep: verify })
    const ask = yield* make
    return handlers.handleAll({
      why: ask(past.why),
      undo: ask(past.undo),
      culprits: ask(past.culprits),
      property: ask(past.property),
      trace: ask(past.trace),
      history: ask(past.history),
      firstNamed: ask(past.firstNamed),
      operations: ask(past.operations),
      diff: ask(past.diff),
      bisect: ask(past.bisect),
      whatIf: ExactBody.of(PastBodies.WhatIf, ask(past.whatIf)),
      previewRetraction: ExactBody.of(PastBodies.RetractionPreview, ask(past.previewRetraction)),
      verify: ask(past.verify),
    })
  }),
)
