import { Duration, Effect } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import { EventLog } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { claim } from "./page/ProjectPage.ts"
import * as Heartbeat from "./rebuild/Heartbeat.ts"
import { longLogMin, rebuild } from "./rebuild/Rebuild.ts"

/** The time that another owner's project may stand still before this projector takes it over. */
const takeoverDelay = Duration.seconds(5)

/** Looks within the delay, for a standstill and for a new edition. */
const looksMax = 10

const lookInterval = Duration.millis(Duration.toMillis(takeoverDelay) / looksMax)

/** The memory that a projector may use to derive a long log, in bytes. */
const memoryMax = 256 * 1024 * 1024

/** How many times as many events a rebuild derives in a second as pages do: 1.6 to 2.3 were measured. */
const wholeRate = 1.5

/** One look of a fenced projector at its project. */
export interface Observation {
  /** The live edition, the position of its persons, and the epoch of its owner. */
  readonly live: Pick<Checkpoint, "edition" | "position" | "epoch">
  /** A value that each heartbeat of a rebuild changes; undefined where no rebuild runs. */
  readonly mark: string | undefined
  /** The log's head. */
  readonly head: Position
}

/** The findings of the earlier looks. */
export interface EarlierLooks {
  /** The edition that the projector was fenced from. */
  readonly edition: string
  /** The epoch of the projector's own claim. */
  readonly epoch: number
  readonly last?: Observation | undefined
  /** Looks in a row that found the same as the look before. */
  readonly sameLooks: number
}

export type Decision =
  /** The other owner may be at work: look again later. */
  | { readonly _tag: "Wait"; readonly sameLooks: number }
  /** The other owner has reached the head: leave the project to it. */
  | { readonly _tag: "Leave" }
  /** The other owner stands still before the head: take the project over. */
  | { readonly _tag: "Take" }
  /**
   * No projector owns the project, because a rebuild has published a new edition or given back the live one: claim
   * it.
   */
  | { readonly _tag: "Own" }

const isSame = (a: Observation, b: Observation): boolean =>
  a.live.position === b.live.position && a.live.epoch === b.live.epoch && a.mark === b.mark

/** Decides the next step of a fenced projector. */
export const decide = (seen: Observation, before: EarlierLooks): Decision => {
  const { edition, epoch, last, sameLooks } = before
  if (seen.live.edition !== edition || seen.live.epoch === epoch) return { _tag: "Own" }
  // The first look has no earlier one to compare with.
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

/** True where deriving the whole log again takes less time than following the rest of it. */
export const isFarBehind = (position: Position, head: Position): boolean =>
  head - position >= longLogMin && (head - position) * wholeRate >= head

/**
 * Derives a long log by a rebuild while the persons are far behind it, because page by page would take longer. Returns
 * the checkpoint to continue from.
 */
export const deriveLong = Effect.fnUntraced(function* (
  claimed: Checkpoint,
  nextCommit: Effect.Effect<void> = Effect.never,
) {
  const { project } = claimed
  let checkpoint = claimed
  while (true) {
    const { position: head } = yield* (yield* EventLog).head(project)
    if (!isFarBehind(checkpoint.position, head)) return checkpoint
    if (yield* Heartbeat.isHeard(project, takeoverDelay)) {
      checkpoint = yield* standBy(checkpoint, nextCommit)
    } else {
      // A server that stops interrupts the rebuild, so the edition stays for the next projector to
      // resume.
      yield* rebuild(project, { memoryMax, keepsEdition: true, skipsHeartbeat: true })
      checkpoint = yield* claim(project)
    }
  }
})

/**
 * Leaves a project to the projector that fenced this one, and takes it back when the other stands
 * still. Looks again at once when this process commits or publishes for the project. Returns the
 * checkpoint to continue from; where the project is left to the other projector, it carries the
 * fenced epoch.
 */
export const standBy = Effect.fnUntraced(function* (
  lost: Checkpoint,
  nextCommit: Effect.Effect<void> = Effect.never,
) {
  const { project } = lost
  let before: EarlierLooks = { edition: lost.edition, epoch: lost.epoch, sameLooks: 0 }
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
        yield* Effect.raceFirst(Effect.sleep(lookInterval), nextCommit)
    }
  }
})
