import { Duration, Effect } from "effect"
import { EventLog } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { claim } from "./page/ProjectPage.ts"
import * as Heartbeat from "./rebuild/Heartbeat.ts"
import { longLogMin, rebuild } from "./rebuild/Rebuild.ts"

/** How long another owner may stand still before its project is taken over. */
const takeoverDelay = Duration.seconds(5)

/** How often is looked whether it does, and whether a rebuild has taken its place. */
const looks = 10

const lookInterval = Duration.millis(Duration.toMillis(takeoverDelay) / looks)

/** How much a projector holds in memory to derive a long log, in bytes. */
const memoryMax = 256 * 1024 * 1024

/**
 * A long log of which nothing is derived yet is derived apart, as in a rebuild, and published whole:
 * page by page it would take many times as long. Answers with the checkpoint to go on from.
 */
export const fromTheBeginning = Effect.fnUntraced(function* (
  claimed: Checkpoint,
  told: Effect.Effect<void> = Effect.never,
) {
  const { project } = claimed
  let from = claimed
  while (from.position === 0) {
    if ((yield* (yield* EventLog).head(project)).position < longLogMin) return from
    if (yield* Heartbeat.isHeard(project, takeoverDelay)) from = yield* standBy(from, told)
    else {
      // A server that stops interrupts this: the next one goes on with it.
      yield* rebuild(project, { memoryMax, keepsMade: true, takesOver: true })
      from = yield* claim(project)
    }
  }
  return from
})

/**
 * Another projector took over: leaves it the project, and takes it back only when it stands still. Looks at
 * once where it is `told` that something was published.
 */
export const standBy = Effect.fnUntraced(function* (
  lost: Checkpoint,
  told: Effect.Effect<void> = Effect.never,
) {
  const persons = yield* Persons
  const log = yield* EventLog
  let seen: string | undefined
  let still = 0
  while (true) {
    const now = (yield* persons.checkpoint(lost.project)) ?? lost
    // A rebuild took its place: whoever comes first owns that one.
    if (now.edition !== lost.edition) return yield* claim(lost.project)
    const head = yield* log.head(lost.project)
    const state = `${now.position} ${now.epoch} ${yield* Heartbeat.markOf(lost.project)}`
    still = state === seen ? still + 1 : 0
    if (seen !== undefined && now.position >= head.position) return { ...now, epoch: lost.epoch }
    if (still === looks) {
      yield* Effect.logInfo(`Taking over project ${lost.project}: its projector stands still.`)
      return yield* claim(lost.project)
    }
    seen = state
    yield* Effect.raceFirst(Effect.sleep(lookInterval), told)
  }
})
