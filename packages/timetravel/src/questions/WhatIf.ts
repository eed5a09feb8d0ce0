import { Effect } from "effect"
import type { Event, Recorded } from "@onymous/identity/event/Event"
import type { PolicyChange } from "@onymous/identity/policy/Policy"
import { Position, zero } from "@onymous/identity/event/Position"
import * as Identity from "@onymous/identity/Identity"
import { type Difference, between } from "./Difference.ts"
import { build, History, type OnProgress } from "../history/History.ts"

/** Another past: without some events, with others, under other rules. */
export interface Edit {
  /** Uuids of events that never came. */
  readonly without?: ReadonlySet<string>
  /** Events that came, too, right after `from`. */
  readonly insert?: ReadonlyArray<{ readonly event: Event; readonly recordedAt?: number }>
  /** Fields of the policy that were others, from `from` on. */
  readonly policy?: PolicyChange
  /** Default: the end for events, the beginning for a policy. */
  readonly from?: Position
}

/** The log without some events: where they came, only time passes. */
export const without = (
  log: ReadonlyArray<Recorded>,
  uuids: ReadonlySet<string>,
): ReadonlyArray<Recorded> =>
  uuids.size === 0
    ? log
    : log.map((recorded) =>
        uuids.has(recorded.event.uuid)
          ? { ...recorded, event: { _tag: "Ticked", uuid: recorded.event.uuid } }
          : recorded,
      )

/** The log with events right after a position: what came later lies so much further on. */
const insertAt = (
  log: ReadonlyArray<Recorded>,
  at: Position,
  events: ReadonlyArray<{ readonly event: Event; readonly recordedAt?: number | undefined }>,
): ReadonlyArray<Recorded> => {
  const past = log.filter(({ position }) => position <= at)
  let last = past.at(-1)?.recordedAt ?? Number.NEGATIVE_INFINITY
  // Times never go back.
  const inserted = events.map(({ event, recordedAt }, index) => {
    last = Math.max(last, recordedAt ?? (Number.isFinite(last) ? last : 0))
    return { position: Position(at + index + 1), recordedAt: last, event }
  })
  const future = log.slice(past.length).map(({ position, recordedAt, event }) => {
    last = Math.max(last, recordedAt)
    return { position: Position(position + events.length), recordedAt: last, event }
  })
  return [...past, ...inserted, ...future]
}

const changed = { _tag: "PolicyChanged", uuid: "00000000-0000-5000-8000-000000000001" } as const

/** The log as the edit has it. */
export const edited = (
  history: Pick<History, "log" | "head">,
  edit: Edit,
): ReadonlyArray<Recorded> => {
  const { insert = [], policy } = edit
  const kept = without(history.log, edit.without ?? new Set())
  const whole = insertAt(kept, edit.from ?? history.head, insert)
  return policy === undefined
    ? whole
    : insertAt(whole, edit.from ?? zero, [{ event: { ...changed, change: policy } }])
}

const differenceOf = (history: History, other: History): Difference =>
  between(
    { persons: history.personsAt(), warnings: history.warningsAt() },
    { persons: other.personsAt(), warnings: other.warningsAt() },
  )

/** What would be different now (SPEC §8): nothing is written. */
export const whatIf = (history: History, edit: Edit): Difference =>
  differenceOf(history, new History(history.project, edited(history, edit), history.startPolicy))

/** The same in steps, for a log that takes long: it tells how far it is, and can be interrupted. */
export const replayed = Effect.fn("WhatIf.replayed")(function* (
  history: History,
  edit: Edit,
  onProgress?: OnProgress,
) {
  const { project, startPolicy } = history
  return differenceOf(
    history,
    yield* build(project, edited(history, edit), startPolicy, onProgress),
  )
})

/** How many distinct ids an edit may reach, at the most: those of the cones that its events name. */
export const blastRadius = (history: History, edit: Edit): number => {
  if (edit.policy !== undefined) return history.tables.memberships.size
  const { coneMembers, cones } = history.tables
  const events = [
    ...[...(edit.without ?? [])].flatMap((uuid) => history.eventOf(uuid)?.event ?? []),
    ...(edit.insert ?? []).map(({ event }) => event),
  ]
  const ids = Identity.touched(events.map((event) => ({ event })))
  const alone = [...ids].filter((id) => !coneMembers.has(id))
  const reached = new Set([...ids].flatMap((id) => coneMembers.get(id) ?? []))
  return [...reached].reduce((sum, cone) => sum + (cones.get(cone) ?? 0), alone.length)
}
