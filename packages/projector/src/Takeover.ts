import { Duration, Effect } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import { EventLog } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { claim } from "./page/ProjectPage.ts"
import * as Heartbeat from "./rebuild/Heartbeat.ts"
import { longLogMin, rebuild } from "./rebuild/Rebuild.ts"

/** How long the project of another owner may stand still before we take it over. */
const takeoverDelay = Duration.seconds(5)

/** How many looks there are within the delay, for a standstill and for a new edition. */
const looksMax = 10

const lookInterval = Duration.millis(Duration.toMillis(takeoverDelay) / looksMax)

/** How much memory a projector takes to derive a long log, in bytes. */
const memoryMax = 256 * 1024 * 1024

/** What a projector that was fenced sees of its project. */
export interface Observation {
  /** The live edition, how far its persons are, and the epoch of its owner. */
  readonly live: Pick<Checkpoint, "edition" | "position" | "epoch">
  /** What each heartbeat of a rebuild changes. */
  readonly mark: string | undefined
  /** Where the log ends. */
  readonly head: Position
}

/** What it knows from before. */
export interface Before {
  /** The edition that it lost. */
  readonly edition: string
  readonly last?: Observation | undefined
  /** How many looks in a row have found what the look before them had found. */
  readonly sameLooks: number
}

export type Decision =
  /** The other owner may be at work: look again later. */
  | { readonly _tag: "Wait"; readonly sameLooks: number }
  /** The other owner has done all work: leave the project to it. */
  | { readonly _tag: "Leave" }
  /** The other owner stands still with work to do: take the project over. */
  | { readonly _tag: "Take" }
  /** A rebuild has published a new edition that no projector owns: claim it. */
  | { readonly _tag: "Own" }

const isSame = (a: Observation, b: Observation): boolean =>
  a.live.position === b.live.position && a.live.epoch === b.live.epoch && a.mark === b.mark

/** What a projector that was fenced does next. */
export const decide = (seen: Observation, { edition, last, sameLooks }: Before): Decision => {
  if (seen.live.edition !== edition) return { _tag: "Own" }
  // The first look has nothing to be compared with.
  if (last === undefined) return { _tag: "Wait", sameLooks: 0 }
  if (seen.live.position >= seen.head) return { _tag: "Leave" }
  const looks = isSame(seen, last) ? sameLooks + 1 : 0
  return looks === looksMax ? { _tag: "Take" } : { _tag: "Wait", sameLooks: looks }
}

const observe = Effect.fnUntraced(function* (lost: Checkpoint) {
  const live = (yield* (yield* Persons).checkpoint(lost.project)) ?? lost
  const { position: head } = yield* (yield* EventLog).head(lost.project)
  return { live, head, mark: yield* Heartbeat.markOf(lost.project) }
})

/**
 * A long log of which nothing is derived yet is derived apart, as in a rebuild, and published whole: page by
 * page it would take many times as long. Answers with the checkpoint to go on from.
 */
export const fromTheBeginning = Effect.fnUntraced(function* (
  claimed: Checkpoint,
  committed: Effect.Effect<void> = Effect.never,
) {
  const { project } = claimed
  let checkpoint = claimed
  while (checkpoint.position === 0) {
    if ((yield* (yield* EventLog).head(project)).position < longLogMin) return checkpoint
    if (yield* Heartbeat.isHeard(project, takeoverDelay)) {
      checkpoint = yield* standBy(checkpoint, committed)
    } else {
      // A server that stops interrupts the rebuild: the next projector resumes it.
      yield* rebuild(project, { memoryMax, keepsMade: true, takesOver: true })
      checkpoint = yield* claim(project)
    }
  }
  return checkpoint
})

/**
 * Leaves a project to the projector that has fenced ours, and takes it back only when that stands still.
 * Looks at once when this process publishes or commits something of the project. Answers with the checkpoint
 * to go on from, whose epoch is the fenced one where the project is left to the other projector.
 */
export const standBy = Effect.fnUntraced(function* (
  lost: Checkpoint,
  committed: Effect.Effect<void> = Effect.never,
) {
  const { project } = lost
  let before: Before = { edition: lost.edition, sameLooks: 0 }
  while (true) {
    const seen = yield* observe(lost)
    const decision = decide(seen, before)
    switch (decision._tag) {
      case "Own":
        return yield* claim(project)
      case "Take":
        yield* Effect.logInfo(`Taking over project ${project}: its projector stands still.`)
        return yield* claim(project)
      case "Leave":
        return { ...seen.live, epoch: lost.epoch }
      case "Wait":
        before = { ...before, last: seen, sameLooks: decision.sameLooks }
        yield* Effect.raceFirst(Effect.sleep(lookInterval), committed)
    }
  }
})
