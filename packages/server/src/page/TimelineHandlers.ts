import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { EventLog } from "@onymous/log/EventLog"
import type { ReadModel } from "@onymous/persons/ReadModel"
import type { Freshness } from "@onymous/persons/reading/Freshness"
import type { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { answerQuestion } from "../api/ProjectHandlers.ts"
import * as TimelineQuestions from "./TimelineQuestions.ts"

/** Answers what the page draws: none of these questions reads the log from end to end. */
export const layer = HttpApiBuilder.group(
  Api,
  "timeline",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ReadModel | Freshness | HistorySource | EventLog>()
    const provide = Effect.provideContext(services)
    return handlers.handleAll({
      activity: ({ query: { min_position, ...query } }) =>
        provide(answerQuestion({ min_position }, (of) => TimelineQuestions.activity(of, query))),
      changes: ({ query }) =>
        provide(answerQuestion(query, (of) => TimelineQuestions.changes(of, query))),
      merges: ({ query }) =>
        provide(answerQuestion(query, (of) => TimelineQuestions.merges(of, query))),
      ids: ({ query }) => provide(answerQuestion(query, (of) => TimelineQuestions.ids(of, query))),
    })
  }),
)
