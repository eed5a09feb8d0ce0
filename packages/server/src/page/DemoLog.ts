import { Array as Arr, Clock, Effect, Result } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as EventLine from "@onymous/log/file/EventLine"
import { OperationRefused } from "@onymous/log/OperationRefused"
import * as FigAndFennel from "@onymous/simulator/demo/FigAndFennel"

/** The default age of the demo's last event, in milliseconds, so that its time is not in the future. */
const agoByDefault = 60_000

/** Where the page shows the wrong merge of the demo, after the address of the server. */
export const wrongMerge = (project: string): string =>
  `/?${new URLSearchParams({ ...(project !== "1" && { project }), at: "1184", id: "mia@fig.example" })}`

/** The demo world as the events of a project. */
const eventsOf = (project: ProjectId, endsAt: number) =>
  FigAndFennel.lines(endsAt).flatMap((line, index) => {
    const read = EventLine.decodeLine(JSON.stringify(line), index, project)
    const decoded = Result.getOrThrow(read)
    return decoded._tag === "Blank" ? [] : [decoded.incoming]
  })

/** Appends the demo world to an empty log, all of it or nothing. */
export const append = Effect.fnUntraced(function* (project: ProjectId, endsAt: string | undefined) {
  const log = yield* EventLog
  const { position } = yield* log.head(project)
  if (position > 0) {
    const expected = `a project whose log is empty: this one has ${position} events`
    return yield* new OperationRefused({ field: "project", expected })
  }
  const now = yield* Clock.currentTimeMillis
  const events = eventsOf(project, endsAt === undefined ? now - agoByDefault : Date.parse(endsAt))
  if (!Arr.isReadonlyArrayNonEmpty(events)) return { events: 0, position }
  const appended = yield* log.append(project, events)
  return { events: appended.added, position: appended.position }
})
