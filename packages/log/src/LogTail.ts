import { Effect, Option, Schedule, Stream } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { EventLog, EventLogError } from "./EventLog.ts"

const tailPage = 1000

/** A tail also polls, because hints can be lost. */
const poll = Schedule.spaced("1 second")

/** Follows a log by reading page after page; `appended` only hints when to read. */
export const tailOf = (
  read: EventLog["Service"]["read"],
  appended: Stream.Stream<ProjectId>,
  { project, after }: { readonly project: ProjectId; readonly after: Position },
): Stream.Stream<Recorded, EventLogError> =>
  // Suspended, so that each run of the stream counts its own positions.
  Stream.suspend(() => {
    let position = after
    let afterUuid: string | undefined
    const rest = Stream.paginate(undefined, () =>
      Effect.map(read({ project, after: position, afterUuid, limit: tailPage }), (page) => {
        position = page.at(-1)?.position ?? position
        afterUuid = page.at(-1)?.event.uuid ?? afterUuid
        return [page, page.length === 0 ? Option.none() : Option.some(undefined)] as const
      }),
    )
    const hints = Stream.filter(appended, (other) => other === project)
    const polls = Stream.concat(Stream.make(0), Stream.fromSchedule(poll))
    return Stream.merge(polls, hints).pipe(
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.flatMap(() => rest),
    )
  })
