import type { Event, Recorded } from "@onymous/identity/event/Event"
import type { PolicyChange } from "@onymous/identity/policy/Policy"
import { Position, zero } from "@onymous/identity/event/Position"
import { History } from "./History.ts"

/**
 * A change to the log for a what-if: it leaves events out, inserts events or changes the policy.
 */
export interface Edit {
  /** Uuids of the events to leave out. */
  readonly without?: ReadonlySet<string>
  /** Events to insert right after `from`. */
  readonly insert?: ReadonlyArray<{ readonly event: Event; readonly recordedAt?: number }>
  /** Fields of the policy to set, from `from` on. */
  readonly policy?: PolicyChange
  /** Default: the log's head for events, the log's beginning for a policy. */
  readonly from?: Position
}

/** True for an edit that changes nothing. */
const isEmpty = ({ without: left, insert, policy }: Edit): boolean =>
  (left?.size ?? 0) === 0 && (insert?.length ?? 0) === 0 && policy === undefined

/** True for an empty edit of a log without retractions, whose stored releases therefore hold. */
export const isLived = (log: ReadonlyArray<Recorded>, edit: Edit): boolean =>
  isEmpty(edit) && !log.some(({ event }) => event._tag === "Retracted")

/**
 * The logs in which something may wait: the log itself, and the edited log where the edit is not empty.
 */
export const variantsOf = (
  log: ReadonlyArray<Recorded>,
  head: Position,
  edit: Edit,
): ReadonlyArray<ReadonlyArray<Recorded>> =>
  isEmpty(edit) ? [log] : [log, editLog({ log, head }, edit)]

/** The log with a tick in place of each event left out: positions and times stay. */
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

/** The log with events inserted after a position; later events move up by their number. */
const insertAt = (
  log: ReadonlyArray<Recorded>,
  at: Position,
  events: ReadonlyArray<{ readonly event: Event; readonly recordedAt?: number | undefined }>,
): ReadonlyArray<Recorded> => {
  const past = log.filter(({ position }) => position <= at)
  let last = past.at(-1)?.recordedAt ?? Number.NEGATIVE_INFINITY
  // The log's times never decrease, so later events take at least the time of an inserted event.
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

/** The log after the edit: events left out, events inserted, then the policy changed. */
export const editLog = (
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
