import type { Captured } from "../event/Event.ts"
import type { JsonObject } from "../encoding/Json.ts"
import type { Policy } from "../policy/Policy.ts"
import type { WarningType } from "../state/Warning.ts"
import { parse, isRepresentable } from "../encoding/IsoTime.ts"

/** The most that an event may lie ahead of the server today, in milliseconds: 23 hours (P52). */
const aheadMax = 82_800_000

/**
 * The time of an event, in epoch milliseconds, with the warnings about the fields that it was read
 * from.
 */
export interface Reading {
  readonly time: number
  readonly warnings: ReadonlyArray<{
    readonly type: Extract<WarningType, "ignored_invalid_timestamp" | "event_timestamp_in_future">
    readonly details: JsonObject
  }>
}

/**
 * Reads the time of an event by the rules of a year (SPEC §1, P50–P53); a pair with
 * `isBeyondDoubt`.
 */
export const read = (
  event: Captured,
  recordedAt: number,
  rules: Policy["timestamp_rules"],
): Reading =>
  rules === "2022" ? { time: of2022(event, recordedAt), warnings: [] } : ofToday(event, recordedAt)

/** True only where `read`, its pair, gives no warning; parses no text. */
export const isBeyondDoubt = (
  { timestamp, sentAt, offset }: Captured,
  recordedAt: number,
  rules: Policy["timestamp_rules"],
): boolean =>
  rules === "2022" || (!timestamp && !sentAt && offset === undefined && isRepresentable(recordedAt))

/** The time of an event, in epoch milliseconds. */
export const of = (event: Captured, recordedAt: number, rules: Policy["timestamp_rules"]): number =>
  read(event, recordedAt, rules).time

/**
 * The timestamp, corrected by the client's clock skew; else the offset; else the time of recording
 * (P50, P51).
 */
const of2022 = (event: Captured, recordedAt: number): number => {
  const given = parse(event.timestamp)
  const sentAt = event.facts.ignoreSentAt ? undefined : parse(event.sentAt)
  const skew = sentAt === undefined ? 0 : recordedAt - sentAt
  const time = given === undefined ? recordedAt - (event.offset ?? 0) : given + skew
  return isRepresentable(time) ? Math.trunc(time) : recordedAt
}

const timestampWarning = (field: string, value: string, reason: string) => ({
  type: "ignored_invalid_timestamp" as const,
  details: { field, value, reason },
})

/**
 * The offset, else the timestamp; a time more than 23 hours ahead becomes the time of recording
 * (P51, P52).
 */
const ofToday = (event: Captured, recordedAt: number): Reading => {
  const { timestamp, sentAt, offset } = event
  const given = parse(timestamp)
  const sent = parse(sentAt)
  const warnings: Array<Reading["warnings"][number]> = []
  if (timestamp && given === undefined) {
    warnings.push(timestampWarning("timestamp", timestamp, "it is not ISO 8601"))
  }
  if (sentAt && sent === undefined && !event.facts.ignoreSentAt) {
    warnings.push(timestampWarning("sent_at", sentAt, "it is not ISO 8601"))
  }
  const skew = sent === undefined || event.facts.ignoreSentAt ? 0 : recordedAt - sent
  const stated = given === undefined ? recordedAt : given + skew
  const time = Math.trunc(offset === undefined ? stated : recordedAt - offset)
  if (time > recordedAt + aheadMax) {
    warnings.push({
      type: "event_timestamp_in_future",
      details: {
        timestamp: timestamp ?? "",
        sentAt: sentAt ?? "",
        offset: offset ?? "",
        now: new Date(recordedAt).toISOString(),
        result: isRepresentable(time) ? new Date(time).toISOString() : `${time}`,
        eventName: event.name,
      },
    })
    return { time: recordedAt, warnings }
  }
  if (isRepresentable(time)) return { time, warnings }
  warnings.push(timestampWarning("timestamp", timestamp ?? `${offset}`, "its year is out of range"))
  return { time: 0, warnings }
}
