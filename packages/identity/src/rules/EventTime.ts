import type { Captured } from "../event/Event.ts"
import type { JsonObject } from "../encoding/Json.ts"
import type { Policy } from "../policy/Policy.ts"
import type { WarningType } from "../state/Warning.ts"
import * as ClientTime from "../encoding/ClientTime.ts"
import { isRepresentable } from "../encoding/IsoTime.ts"

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
): Reading => (rules === "2022" ? of2022(event, recordedAt) : ofToday(event, recordedAt))

/** True only where `read`, its pair, gives no warning; allocates nothing. */
export const isBeyondDoubt = (
  { timestamp, sentAt, offset, facts }: Captured,
  recordedAt: number,
  rules: Policy["timestamp_rules"],
): boolean => {
  const given = timestamp ? ClientTime.parse(timestamp) : recordedAt
  const ignores = rules === "today" && facts.ignoreSentAt === true
  const sent = sentAt && !ignores ? ClientTime.parse(sentAt) : recordedAt
  if (given === undefined || sent === undefined || offset !== undefined) return false
  const time = timestamp ? given + (recordedAt - sent) : recordedAt
  return isRepresentable(time) && (rules === "2022" || time <= recordedAt + aheadMax)
}

/** The time of an event, in epoch milliseconds. */
export const of = (event: Captured, recordedAt: number, rules: Policy["timestamp_rules"]): number =>
  read(event, recordedAt, rules).time

type Warnings = Array<Reading["warnings"][number]>

/**
 * The timestamp, corrected by the client's clock skew; without one the offset; else, and where the
 * timestamp cannot be read, the time of recording (P50, P51).
 */
const of2022 = (event: Captured, recordedAt: number): Reading => {
  const warnings: Warnings = []
  const given = readTime("timestamp", event.timestamp, warnings)
  const sentAt = readTime("sent_at", event.sentAt, warnings)
  const skew = sentAt === undefined ? 0 : recordedAt - sentAt
  const unstated = event.timestamp ? recordedAt : recordedAt - (event.offset ?? 0)
  const time = Math.trunc(given === undefined ? unstated : given + skew)
  if (isRepresentable(time)) return { time, warnings }
  warnings.push(outOfRange(event))
  return { time: recordedAt, warnings }
}

/** The instant that a field's text names; a text that names none gives a warning. */
const readTime = (
  field: "timestamp" | "sent_at",
  text: string | undefined,
  warnings: Warnings,
): number | undefined => {
  if (!text) return undefined
  const time = ClientTime.parse(text)
  if (time === undefined) warnings.push(timestampWarning(field, text, "it names no instant"))
  return time
}

const timestampWarning = (field: string, value: string, reason: string) => ({
  type: "ignored_invalid_timestamp" as const,
  details: { field, value, reason },
})

const outOfRange = ({ timestamp, offset }: Captured) =>
  timestampWarning("timestamp", timestamp ?? `${offset}`, "its year is out of range")

/**
 * The offset, else the timestamp; a time more than 23 hours ahead becomes the time of recording
 * (P51, P52).
 */
const ofToday = (event: Captured, recordedAt: number): Reading => {
  const { timestamp, sentAt, offset } = event
  const warnings: Warnings = []
  const given = readTime("timestamp", timestamp, warnings)
  const sent = event.facts.ignoreSentAt ? undefined : readTime("sent_at", sentAt, warnings)
  const skew = sent === undefined ? 0 : recordedAt - sent
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
  warnings.push(outOfRange(event))
  return { time: 0, warnings }
}
