import type { Event, Recorded } from "@onymous/identity/Event"
import type { PolicyChange } from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import * as Waiting from "@onymous/identity/Waiting"
import * as Identity from "@onymous/identity/Identity"
import { type Difference, between } from "./Difference.ts"
import { History } from "./History.ts"

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

/** Positions without gaps, and times that never go back. */
export const renumbered = (
  log: ReadonlyArray<Omit<Recorded, "position">>,
): ReadonlyArray<Recorded> => {
  let last = Number.NEGATIVE_INFINITY
  return log.map(({ event, recordedAt }, index) => {
    last = Math.max(last, recordedAt)
    return { position: Position(index + 1), recordedAt: last, event }
  })
}

/** The log with a tick where the one it came from ends, so that the same time has passed in both. */
export const withTick = (
  log: ReadonlyArray<Recorded>,
  history: History,
): ReadonlyArray<Recorded> => {
  const end = history.log.at(-1)?.recordedAt
  const last = log.at(-1)
  if (end === undefined || last === undefined || last.recordedAt >= end) return log
  const identity = Identity.empty(history.project, history.startPolicy)
  Identity.fold(identity, log)
  const first = Waiting.first(identity.waiting)
  if (first === undefined || first.dueAt > end) return log
  const event = { _tag: "Ticked" as const, uuid: "00000000-0000-5000-8000-000000000000" }
  return [...log, { position: Position(log.length + 1), recordedAt: end, event }]
}

/** The log as the edit has it. */
export const edited = (history: History, edit: Edit): ReadonlyArray<Recorded> => {
  const { without = new Set(), insert = [], policy } = edit
  const kept = (log: ReadonlyArray<Recorded>) => log.filter(({ event }) => !without.has(event.uuid))
  const split = (at: Position) =>
    [kept(history.log.slice(0, at)), kept(history.log.slice(at))] as const
  const [past, future] = split(edit.from ?? history.head)
  const inserted = insert.map(({ event, recordedAt = past.at(-1)?.recordedAt ?? 0 }) => ({
    event,
    recordedAt,
  }))
  const whole = [...past, ...inserted, ...future]
  if (policy === undefined) return withTick(renumbered(whole), history)
  const uuid = "00000000-0000-5000-8000-000000000001"
  const at = edit.from === undefined ? 0 : past.length + inserted.length
  const changed = {
    event: { _tag: "PolicyChanged" as const, uuid, change: policy },
    recordedAt: whole[at - 1]?.recordedAt ?? 0,
  }
  return withTick(renumbered(whole.toSpliced(at, 0, changed)), history)
}

/** What would be different now (SPEC §8): nothing is written. */
export const whatIf = (history: History, edit: Edit): Difference => {
  const other = new History(history.project, edited(history, edit), history.startPolicy)
  return between(
    { persons: history.personsAt(), warnings: history.warningsAt() },
    { persons: other.personsAt(), warnings: other.warningsAt() },
  )
}

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
