import { Effect, Stream } from "effect"
import * as LogForms from "@onymous/api/forms/LogForms"
import type { LogApi } from "@onymous/api/LogApi"
import type { QuestionsOf } from "@onymous/api/Questions"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLog, EventLogError } from "@onymous/log/EventLog"

/** Events of a page where the question sets no limit. */
const limitByDefault = 100

/** The time that a question waits for an event. */
const patience = "10 seconds"

/** Lists the events of a log, in the API's forms, for the server and the command line. */
export const of = (
  log: EventLog["Service"],
): Pick<QuestionsOf<typeof LogApi, EventLogError>, "page"> => ({
  page: Effect.fnUntraced(function* ({ params, query }) {
    const { after = 0, limit = limitByDefault, wait = "false" } = query
    const question = { project: ProjectId(params.project), after: Position(after) }
    const read = log.read({ ...question, limit })
    const page = yield* read
    if (page.length > 0 || wait === "false") return LogForms.logPage(after, page)
    const come = Stream.runDrain(Stream.take(log.tail(question), 1))
    yield* Effect.timeoutOption(come, patience)
    return LogForms.logPage(after, yield* read)
  }),
})
