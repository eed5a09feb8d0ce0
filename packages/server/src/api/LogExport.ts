import { Effect, Option, Stream } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import * as PayloadPage from "@onymous/log/paging/PayloadPage"
import * as EventLine from "@onymous/log/file/EventLine"

const pageSize = 1000

/**
 * The log of a project as lines for `import` and `replay`, read page by page on demand; fails before the first line
 * where the project does not exist.
 */
export const linesOf = Effect.fnUntraced(function* (id: ProjectId) {
  const log = yield* EventLog
  yield* log.head(id)
  return Stream.paginate<Position, string, EventLogError, never>(zero, (after) =>
    Effect.map(log.readPayloads({ project: id, after, limit: pageSize }), (page) => {
      const last = page.at(-1)
      const lines = page.map((recorded) => `${EventLine.encodeLine(recorded, id)}\n`)
      const hasMore = PayloadPage.isFull(page, pageSize)
      return [lines, last && hasMore ? Option.some(last.position) : Option.none()]
    }),
  )
})
