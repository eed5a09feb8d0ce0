import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { liveEvent } from "@onymous/api/page/LiveForms"
import * as ConeForms from "@onymous/api/page/ConeForms"
import { CurrentProject } from "@onymous/api/Authorization"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import { EventLog } from "@onymous/log/EventLog"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { Freshness } from "@onymous/persons/reading/Freshness"
import * as Cone from "@onymous/timetravel/history/Cone"
import type { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { answerQuestion } from "../api/ProjectHandlers.ts"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as FormerValues from "./FormerValues.ts"
import { LiveUpdates } from "./LiveUpdates.ts"
import * as TimelineQuestions from "./TimelineQuestions.ts"

/** The largest cone that a browser folds in a moment and keeps in memory. */
const coneLimits = { eventsMax: 20_000, bytesMax: 8_000_000 }

/** The lines of a cone, all read before the first is sent, so that a failure has a status. */
const coneOf = Effect.fnUntraced(function* (query: {
  readonly distinct_id: string
  readonly events_max?: number | undefined
  readonly min_position?: number | undefined
}) {
  const project = ProjectId((yield* CurrentProject).id)
  const { min_position: least, events_max: eventsMax = coneLimits.eventsMax } = query
  if (least !== undefined) yield* (yield* Freshness).reach(project, Position(least))
  const cone = yield* Cone.read(project, new Set([DistinctId(query.distinct_id)]), {
    ...coneLimits,
    eventsMax,
  })
  return Stream.fromIterable(ConeForms.lines(cone, Presets.page))
})

/** The last position of a reader; undefined for any other text. */
const sinceOf = (id: string | undefined): Position | undefined =>
  id !== undefined && /^\d{1,15}$/.test(id) ? Position(Number(id)) : undefined

/** Answers the questions of the page, none of which reads the whole log. */
export const layer = HttpApiBuilder.group(
  Api,
  "timeline",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ReadModel | Freshness | HistorySource | EventLog>()
    const provide = Effect.provideContext(services)
    const live = yield* LiveUpdates
    return handlers.handleAll({
      activity: ({ query: { min_position, ...query } }) =>
        provide(answerQuestion({ min_position }, (of) => TimelineQuestions.activity(of, query))),
      changes: ({ query }) =>
        provide(answerQuestion(query, (of) => TimelineQuestions.changes(of, query))),
      merges: ({ query }) =>
        provide(answerQuestion(query, (of) => TimelineQuestions.merges(of, query))),
      live: Effect.fnUntraced(function* ({ headers }) {
        const project = ProjectId((yield* CurrentProject).id)
        const updates = live.of(project, sinceOf(headers["last-event-id"]))
        // The status is sent already, so a failure ends the stream, and the reader connects again.
        return Stream.map(
          Stream.catchCause(updates, () => Stream.empty),
          liveEvent,
        )
      }),
      cone: ({ query }) => provide(Effect.mapError(coneOf(query), ApiFailure.ofQuestion)),
      formerValues: ({ query }) =>
        provide(answerQuestion(query, (of) => FormerValues.formerValues(of, query))),
      ids: ({ query }) => provide(answerQuestion(query, (of) => TimelineQuestions.ids(of, query))),
    })
  }),
)
