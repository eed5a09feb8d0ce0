import type { Event, Recorded } from "@onymous/identity/event/Event"
import type { PolicyChange } from "@onymous/identity/policy/Policy"
import { Position, zero } from "@onymous/identity/event/Position"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
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

/** True for an edit that changes nothing. */
const isEmpty = ({ without: left, insert, policy }: Edit): boolean =>
  (left?.size ?? 0) === 0 && (insert?.length ?? 0) === 0 && policy === undefined

/** True where nothing but the log as it came is asked about, and no retraction makes another past of it. */
export const isLived = (log: ReadonlyArray<Recorded>, edit: Edit): boolean =>
  isEmpty(edit) && !log.some(({ event }) => event._tag === "Retracted")

/** The logs whose folds tell when something is due: a plain question has but one. */
export const variantsOf = (
  log: ReadonlyArray<Recorded>,
  head: Position,
  edit: Edit,
): ReadonlyArray<ReadonlyArray<Recorded>> =>
  (isEmpty(edit) ? [log] : [log, edited({ log, head }, edit)]).flatMap(EffectiveLog.livesOf)

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
