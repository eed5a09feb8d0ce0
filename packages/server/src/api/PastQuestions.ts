import { Effect, Result } from "effect"
import { type InvalidQuestion, invalidQuestion } from "@onymous/api/ApiError"
import * as EventForms from "@onymous/api/forms/EventForms"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import type * as PastBodies from "@onymous/api/bodies/PastBodies"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import type { PastApi } from "@onymous/api/PastApi"
import type { QuestionsOf } from "@onymous/api/Questions"
import type { Json } from "@onymous/identity/encoding/Json"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventLine from "@onymous/log/file/EventLine"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { HistoryError } from "@onymous/timetravel/history/HistorySource"
import type { Verification } from "@onymous/timetravel/history/Verify"
import type { WhatIfQuestion } from "@onymous/timetravel/questions/Question"
import type { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"

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

/** What the questions need beside `TimeTravel`. */
interface Options<E> {
  /** Compares every row of every table. */
  readonly verifyDeep: (project: ProjectId) => Effect.Effect<Verification, E>
}

/** Answers questions about the past, in the API's forms, for the server and the command line. */
export const of = <E>(
  past: TimeTravel["Service"],
  { verifyDeep }: Options<E>,
): QuestionsOf<typeof PastApi, HistoryError | OperationRefused | InvalidQuestion | E> => ({
  why: ({ params, query }) => Effect.map(past.why(ProjectId(params.project), query), WhyForms.why),
  undo: ({ params, query }) => {
    const project = ProjectId(params.project)
    const found = { events: past.undo(project, query), why: past.why(project, query) }
    return Effect.map(Effect.all(found), WhyForms.undo)
  },
  culprits: ({ params, query: { a, at } }) =>
    Effect.map(past.culprits(ProjectId(params.project), { distinctId: a, at }), WhyForms.culprits),
  property: ({ params, query: { a, property, at } }) =>
    Effect.map(
      past.property(ProjectId(params.project), { distinctId: a, property, at }),
      WhyForms.settings,
    ),
  trace: ({ params, query }) => {
    const project = ProjectId(params.project)
    return Effect.map(past.trace(project, query.event), (traced) =>
      ChangeForms.trace(project, traced),
    )
  },
  history: ({ params, query: { distinct_id: distinctId, at } }) =>
    Effect.map(past.history(ProjectId(params.project), { distinctId, at }), ChangeForms.history),
  firstNamed: ({ params, query }) =>
    Effect.map(past.firstNamed(ProjectId(params.project), query.distinct_id), (position) => ({
      position: position ?? null,
    })),
  operations: ({ params, query: { limit = limitByDefault, ...query } }) =>
    Effect.map(past.acts(ProjectId(params.project), { limit, ...query }), (page) =>
      EventForms.acts(page, limit),
    ),
  diff: ({ params, query: { distinct_id: distinctId, from, to } }) => {
    const project = ProjectId(params.project)
    return Effect.map(past.diff(project, { from, to, distinctId }), (found) =>
      ChangeForms.difference(project, found),
    )
  },
  bisect: ({ params, query }) =>
    Effect.map(past.bisect(ProjectId(params.project), query.condition), ChangeForms.bisect),
  whatIf: Effect.fnUntraced(function* ({ params, payload }) {
    const project = ProjectId(params.project)
    const question = yield* Effect.fromResult(whatIfOf(payload))
    return ChangeForms.whatIf(project, yield* past.whatIf(project, question))
  }),
  previewRetraction: ({ params, payload }) => {
    const project = ProjectId(params.project)
    const preview = past.previewRetraction(project, payload.event_uuid)
    return Effect.map(preview, (found) => ChangeForms.difference(project, found))
  },
  verify: Effect.fnUntraced(function* ({ params, query: { deep = "false", ...query } }) {
    const project = ProjectId(params.project)
    if (deep !== "false" && query.from !== undefined) return yield* noFrom()
    return ChangeForms.verification(
      yield* deep === "false" ? past.verify(project, query) : verifyDeep(project),
    )
  }),
})
