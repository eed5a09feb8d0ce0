import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import type * as PastBodies from "@onymous/api/forms/PastBodies"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import type { Json } from "@onymous/identity/encoding/Json"
import type { Incoming } from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { Projector } from "@onymous/projector/Projector"
import type { Difference } from "@onymous/timetravel/questions/Difference"
import { TimeTravel, type WhatIfQuestion } from "@onymous/timetravel/questions/TimeTravel"
import * as ApiFailure from "../http/ApiFailure.ts"

/** The events that a body inserts; an error has the index and the field of the bad one. */
const eventsOf = (values: ReadonlyArray<Json>): Result.Result<ReadonlyArray<Incoming>, Failure> =>
  Result.all(
    values.map((value, index) =>
      Result.mapError(EventDecoder.decode(value, randomUUID), ({ field, expected }) =>
        ApiFailure.ofBody({ field: `insert[${index}].${field}`, expected }),
      ),
    ),
  )

type Failure = ReturnType<typeof ApiFailure.ofBody>

const whatIfOf = Effect.fnUntraced(function* (body: typeof PastBodies.WhatIf.Type) {
  const insert = yield* Effect.fromResult(eventsOf(body.insert ?? []))
  const from = body.from === undefined ? undefined : `${body.from}`
  const question: WhatIfQuestion = { without: body.without, insert, policy: body.policy, from }
  return question
})

/** Runs a question once the persons are at the log's head, and returns the answer's form. */
const make = Effect.gen(function* () {
  const log = yield* EventLog
  const freshness = yield* Freshness
  const caughtUpProject = Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const { position } = yield* log.head(project)
    yield* freshness.reach(project, position)
    return project
  })
  return <A, B, E extends Parameters<typeof ApiFailure.ofPast>[0]>(
    question: (project: ProjectId) => Effect.Effect<A, E>,
    form: (answer: A, project: ProjectId) => B,
  ) =>
    Effect.gen(function* () {
      const project = yield* caughtUpProject
      return form(yield* question(project), project)
    }).pipe(Effect.mapError(ApiFailure.ofPast))
})

const difference = (found: Difference, project: ProjectId) => ChangeForms.difference(project, found)

/**
 * Answers questions about the past: from the cones of the ids that a question names, else from the
 * whole log.
 */
export const layer = HttpApiBuilder.group(
  Api,
  "past",
  Effect.fnUntraced(function* (handlers) {
    const past = yield* TimeTravel
    const projector = yield* Projector
    const ask = yield* make
    return handlers.handleAll({
      why: ({ query }) => ask((project) => past.why(project, query), WhyForms.why),
      undo: ({ query }) =>
        ask(
          (project) =>
            Effect.all({ events: past.undo(project, query), why: past.why(project, query) }),
          WhyForms.undo,
        ),
      culprits: ({ query: { a, at } }) =>
        ask((project) => past.culprits(project, { distinctId: a, at }), WhyForms.culprits),
      property: ({ query: { a, property, at } }) =>
        ask(
          (project) => past.property(project, { distinctId: a, property, at }),
          WhyForms.settings,
        ),
      trace: ({ query }) =>
        ask(
          (project) => past.trace(project, query.event),
          (traced, project) => ChangeForms.trace(project, traced),
        ),
      history: ({ query: { distinct_id: distinctId, at } }) =>
        ask(
          (project) => past.history(project, { distinctId, at }),
          (story, project) => ChangeForms.history(project, story),
        ),
      diff: ({ query: { distinct_id: distinctId, from, to } }) =>
        ask((project) => past.diff(project, { from, to, distinctId }), difference),
      bisect: ({ query }) =>
        ask((project) => past.bisect(project, query.condition), ChangeForms.bisect),
      whatIf: ({ payload }) =>
        ask(
          (project) =>
            Effect.flatMap(whatIfOf(payload), (question) => past.whatIf(project, question)),
          (found, project) => ChangeForms.whatIf(project, found),
        ),
      previewRetraction: ({ payload }) =>
        ask(
          (project) => past.previewRetraction(project, payload.event_uuid.toLowerCase()),
          difference,
        ),
      verify: ({ query: { deep = "false", ...query } }) =>
        ask(
          (project) => (deep === "false" ? past.verify(project, query) : projector.verify(project)),
          ChangeForms.verification,
        ),
    })
  }),
)
