import { Effect, Result } from "effect"
import { type InvalidQuestion, invalidQuestion } from "@onymous/api/ApiError"
import * as EventForms from "@onymous/api/forms/EventForms"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import * as PastBodies from "@onymous/api/bodies/PastBodies"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import type { PastApi } from "@onymous/api/PastApi"
import type { QuestionsOf } from "@onymous/api/Questions"
import type { Json } from "@onymous/identity/encoding/Json"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ActsPage from "@onymous/log/paging/ActsPage"
import * as EventLine from "@onymous/log/file/EventLine"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { HistoryError } from "@onymous/timetravel/history/HistorySource"
import type { Verification } from "@onymous/timetravel/history/Verify"
import type { WhatIfQuestion } from "@onymous/timetravel/questions/Question"
import type { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import type { ReadBody } from "./ReadBody.ts"

/**
 * The event that a body inserts, read like a line of a file; without `received_at` it has the time of the event
 * before it.
 */
const insertedOf = (value: Json, index: number) =>
  Result.gen(function* () {
    const line = yield* EventLine.decodeLine(JSON.stringify(value), index)
    if (line._tag === "Blank") return yield* Result.fail({ field: "line", expected: "an event" })
    const { event, recordedAt } = line.incoming
    return line.timeField === undefined ? { event } : { event, recordedAt }
  }).pipe(
    Result.mapError(({ field, expected }) =>
      invalidQuestion({ field: `insert[${index}].${field}`, expected }),
    ),
  )

const whatIfOf = (body: typeof PastBodies.WhatIf.Type) =>
  Result.map(Result.all((body.insert ?? []).map(insertedOf)), (insert): WhatIfQuestion => {
    const from = body.from === undefined ? undefined : `${body.from}`
    return { without: body.without, insert, policy: body.policy, from }
  })

/** Results of a list where the question sets no limit. */
const limitByDefault = 100

const noFrom = () => invalidQuestion({ field: "from", expected: "none beside `deep`" })

/** Why a question about the past is not answered. */
type Failure = HistoryError | OperationRefused | InvalidQuestion

/** How whoever answers goes about a question. */
interface Options<E, F> {
  readonly read: ReadBody
  /** Compares every row of every table. */
  readonly verifyDeep: (project: ProjectId) => Effect.Effect<Verification, E>
  /** Answers once whoever answers is ready, and tells a failure in its own words. */
  readonly answer: <A>(
    project: ProjectId,
    answer: Effect.Effect<A, Failure | E>,
  ) => Effect.Effect<A, F>
}

interface Asked {
  readonly params: { readonly project: string }
}

/** Makes a question of a request from how a project is asked it. */
const asking =
  <E, F>({ answer }: Pick<Options<E, F>, "answer">) =>
  <Request extends Asked, A>(
    ask: (project: ProjectId, request: Request) => Effect.Effect<A, Failure | E>,
  ) =>
  (request: Request) => {
    const project = ProjectId(request.params.project)
    return answer(project, ask(project, request))
  }

type Answers<F> = QuestionsOf<typeof PastApi, F | InvalidQuestion>

/** The questions that name distinct ids. */
type AboutIds = "why" | "undo" | "culprits" | "property" | "history" | "firstNamed"

const aboutIds = <E, F>(
  past: TimeTravel["Service"],
  options: Options<E, F>,
): Pick<Answers<F>, AboutIds> => {
  const ask = asking(options)
  return {
    why: ask((project, { query }) => Effect.map(past.why(project, query), WhyForms.why)),
    undo: ask((project, { query }) => {
      const found = { events: past.undo(project, query), why: past.why(project, query) }
      return Effect.map(Effect.all(found), WhyForms.undo)
    }),
    culprits: ask((project, { query: { a, at } }) =>
      Effect.map(past.culprits(project, { distinctId: a, at }), WhyForms.culprits),
    ),
    property: ask((project, { query: { a, property, at } }) =>
      Effect.map(past.property(project, { distinctId: a, property, at }), WhyForms.settings),
    ),
    history: ask((project, { query: { distinct_id: distinctId, at } }) =>
      Effect.map(past.history(project, { distinctId, at }), ChangeForms.history),
    ),
    firstNamed: ask((project, { query }) =>
      Effect.map(past.firstNamed(project, query.distinct_id), (position) => ({
        position: position ?? null,
      })),
    ),
  }
}

const aboutEvents = <E, F>(
  past: TimeTravel["Service"],
  options: Options<E, F>,
): Omit<Answers<F>, AboutIds> => {
  const { verifyDeep, answer, read } = options
  const ask = asking(options)
  return {
    trace: ask((project, { query }) =>
      Effect.map(past.trace(project, query.event), (traced) => ChangeForms.trace(project, traced)),
    ),
    operations: ask((project, { query: { limit = limitByDefault, ...query } }) =>
      Effect.map(past.acts(project, { limit, ...query }), (page) =>
        EventForms.acts(page, ActsPage.nextOf(page, limit)),
      ),
    ),
    diff: ask((project, { query: { distinct_id: distinctId, from, to } }) =>
      Effect.map(past.diff(project, { from, to, distinctId }), (found) =>
        ChangeForms.difference(project, found),
      ),
    ),
    bisect: ask((project, { query }) =>
      Effect.map(past.bisect(project, query.condition), ChangeForms.bisect),
    ),
    whatIf: Effect.fnUntraced(function* ({ params, payload }) {
      const body = yield* read(PastBodies.WhatIf, payload)
      const project = ProjectId(params.project)
      const asked = Effect.flatMap(Effect.fromResult(whatIfOf(body)), (question) =>
        past.whatIf(project, question),
      )
      return yield* answer(
        project,
        Effect.map(asked, (found) => ChangeForms.whatIf(project, found)),
      )
    }),
    previewRetraction: Effect.fnUntraced(function* ({ params, payload }) {
      const body = yield* read(PastBodies.RetractionPreview, payload)
      const project = ProjectId(params.project)
      const preview = past.previewRetraction(project, body.event_uuid)
      return yield* answer(
        project,
        Effect.map(preview, (found) => ChangeForms.difference(project, found)),
      )
    }),
    verify: ask((project, { query: { deep = "false", ...query } }) => {
      if (deep !== "false" && query.from !== undefined) return Effect.fail(noFrom())
      const verified: Effect.Effect<Verification, Failure | E> =
        deep === "false" ? past.verify(project, query) : verifyDeep(project)
      return Effect.map(verified, ChangeForms.verification)
    }),
  }
}

/** Answers questions about the past, in the API's forms, for the server and the command line. */
export const of = <E, F>(past: TimeTravel["Service"], options: Options<E, F>): Answers<F> => ({
  ...aboutIds(past, options),
  ...aboutEvents(past, options),
})
