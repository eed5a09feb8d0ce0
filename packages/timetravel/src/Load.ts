import { Data, Effect } from "effect"
import type { Recorded } from "@onymous/identity/Event"
import { type Position, zero } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { History } from "./History.ts"

/** The log is too long to be held in memory. */
export class TooLong extends Data.TaggedError("TooLong")<{
  readonly head: Position
  readonly max: number
}> {
  override get message(): string {
    return `The log has ${this.head} events, and at most ${this.max} are held in memory here.`
  }
}

const pageSize = 10_000

/** A project's history, from its log; refused where that is longer than `max`. */
export const history = Effect.fn("Load.history")(function* (
  project: ProjectId,
  max = Number.POSITIVE_INFINITY,
) {
  const log = yield* EventLog
  const { position: head } = yield* log.head(project)
  if (head > max) return yield* new TooLong({ head, max })
  const all: Array<Recorded> = []
  for (let after: Position = zero; ;) {
    const page = yield* log.read({ project, after, limit: pageSize })
    for (const recorded of page) all.push(recorded)
    const last = page.at(-1)
    if (last === undefined) return new History(project, all)
    after = last.position
  }
})
