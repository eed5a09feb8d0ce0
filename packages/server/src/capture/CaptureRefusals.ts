import { Clock, Context, Effect, Layer } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as RefusalTally from "./RefusalTally.ts"

/**
 * Counts what capture refuses, because SDKs drop what is refused for good and tell nobody: the log of the
 * server says so, and the status of the project.
 */
export class CaptureRefusals extends Context.Service<
  CaptureRefusals,
  {
    /** Counts a refusal; the log tells it at once, or with others of the same minute. */
    readonly note: (reason: RefusalTally.Reason, sender: RefusalTally.Sender) => Effect.Effect<void>
    /** When counting began, in epoch milliseconds. */
    readonly since: number
    /** All refusals since then. */
    readonly all: Effect.Effect<ReadonlyArray<RefusalTally.Tally>>
    /** Those of the token of a project. */
    readonly of: (project: ProjectId) => Effect.Effect<ReadonlyArray<RefusalTally.Tally>>
  }
>()("@onymous/server/CaptureRefusals") {}

/** The log tells refusals once in this time, in milliseconds: by thousands they would bury all else. */
const quietTime = 60_000

/** Counts in memory: from zero at each start. */
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
