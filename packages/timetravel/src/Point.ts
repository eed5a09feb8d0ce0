import { Result } from "effect"
import type { Invalid } from "@onymous/identity/Event"
import { Position } from "@onymous/identity/Position"
import * as Timestamp from "@onymous/identity/Timestamp"
import { isUuid } from "@onymous/identity/Uuid"
import type { History } from "./History.ts"

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

const relative = /^(\d{1,6})\s*([smhdw])(?:\s+ago)?$/

/** The last position at or before a time, in epoch milliseconds. */
const positionAt = ({ log }: History, time: number): Position =>
  log.findLast(({ recordedAt }) => recordedAt <= time)?.position ?? Position(0)

/**
 * A point in a project's history: a position, an ISO 8601 time, the uuid of an event (right after it),
 * or a time before `now`, such as `2h ago`, in epoch milliseconds.
 */
export const parse = (
  history: History,
  text: string,
  now: number,
): Result.Result<Position, Invalid> => {
  const trimmed = text.trim()
  if (/^\d{1,15}$/.test(trimmed)) {
    return Result.succeed(Position(Math.min(Number(trimmed), history.head)))
  }
  if (isUuid(trimmed)) {
    const event = history.eventOf(trimmed)
    return event === undefined
      ? Result.fail({ field: "at", expected: "the uuid of an event in the log" })
      : Result.succeed(event.position)
  }
  const [, count, unit] = relative.exec(trimmed) ?? []
  const length = Object.entries(units).find(([name]) => name === unit)?.[1]
  if (count !== undefined && length !== undefined) {
    return Result.succeed(positionAt(history, now - Number(count) * length))
  }
  const time = Timestamp.parse(trimmed)
  return time === undefined
    ? Result.fail({ field: "at", expected: "a position, an ISO 8601 time, a uuid, or 2h ago" })
    : Result.succeed(positionAt(history, time))
}
