import { Clock, Context, Effect, Layer } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as RefusalTally from "./RefusalTally.ts"

/**
 * Counts the refusals of capture, because SDKs silently drop refused events. The log lines of the server and the status
 * of a project show them.
 */
export class CaptureRefusals extends Context.Service<
  CaptureRefusals,
  {
    /** Counts a refusal, and logs it, at once or together with others of the same minute. */
    readonly note: (reason: RefusalTally.Reason, sender: RefusalTally.Sender) => Effect.Effect<void>
    /** The start of the counts, in epoch milliseconds. */
    readonly since: number
    /** The refusals of all senders. */
    readonly all: Effect.Effect<ReadonlyArray<RefusalTally.Tally>>
    /** The refusals of a project's token. */
    readonly of: (project: ProjectId) => Effect.Effect<ReadonlyArray<RefusalTally.Tally>>
  }
>()("@onymous/server/CaptureRefusals") {}

/** Refusals are logged once in this time, in milliseconds, because thousands of lines would bury all others. */
const quietTime = 60_000

/** Counts in memory, from zero at each start. */
export const layer: Layer.Layer<CaptureRefusals> = Layer.effect(
  CaptureRefusals,
  Effect.gen(function* () {
    const since = yield* Clock.currentTimeMillis
    const counted: RefusalTally.Tallies = new Map()
    const untold: RefusalTally.Tallies = new Map()
    const scope = yield* Effect.scope
    let quietUntil = since
    const tell = Effect.gen(function* () {
      const line = RefusalTally.line(untold)
      untold.clear()
      quietUntil = (yield* Clock.currentTimeMillis) + quietTime
      yield* Effect.logWarning(line)
    })
    const all = Effect.sync(() =>
      [...counted.values()].toSorted((a, b) => b.lastAt - a.lastAt || b.count - a.count),
    )
    return CaptureRefusals.of({
      note: Effect.fnUntraced(function* (reason, sender) {
        const now = yield* Clock.currentTimeMillis
        RefusalTally.count(counted, sender, reason, now)
        const isAwaited = untold.size > 0
        RefusalTally.count(untold, sender, reason, now)
        if (isAwaited) return
        if (now >= quietUntil) return yield* tell
        yield* Effect.forkIn(Effect.delay(tell, quietUntil - now), scope)
      }),
      since,
      all,
      of: (project) =>
        Effect.map(all, (tallies) => tallies.filter((each) => each.project === project)),
    })
  }),
)
