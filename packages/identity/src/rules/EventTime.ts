import type { Captured } from "../event/Event.ts"
import type { JsonObject } from "../encoding/Json.ts"
import type { Policy } from "../policy/Policy.ts"
import type { WarningType } from "../state/Warning.ts"

const iso =
  /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** Epoch milliseconds of an ISO 8601 text; without a zone it is UTC. Reads no clock and no time zone. */
export const parse = (text: string | undefined): number | undefined => {
  const match = text === undefined ? null : iso.exec(text.trim())
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const milliseconds = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  const isTime = hour < 24 || (hour === 24 && minute === 0 && second === 0)
  if (!isDay || !isTime || minute > 59 || second > 60) return undefined
  date.setUTCHours(hour, minute, second, milliseconds)
  return date.getTime() - zoneMinutes(match[8]) * 60_000
}

const zoneMinutes = (zone: string | undefined): number => {
  if (zone === undefined || zone.toUpperCase() === "Z") return 0
  const digits = zone.slice(1).replace(":", "")
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return zone.startsWith("-") ? -minutes : minutes
}

/** From year 1 to 9999: what ISO text and every database agree on. */
export const isRepresentable = (time: number): boolean =>
  time >= -62_135_596_800_000 && time < 253_402_300_800_000

/** How far ahead of the server an event may be today, in milliseconds: 23 hours (P52). */
const aheadMax = 82_800_000

/** When an event happened, in epoch milliseconds, and what was wrong with what it says. */
export interface Reading {
  readonly time: number
  readonly warnings: ReadonlyArray<{
    readonly type: Extract<WarningType, "ignored_invalid_timestamp" | "event_timestamp_in_future">
    readonly details: JsonObject
  }>
}

/** When an event happened, by the rules of a year (SPEC §1, P50–P53). */
export const read = (
  event: Captured,
  recordedAt: number,
  rules: Policy["timestamp_rules"],
): Reading =>
  rules === "2022" ? { time: of2022(event, recordedAt), warnings: [] } : ofToday(event, recordedAt)

/** True only if there is nothing to warn of in what an event says of its time: reads no text. */
export const isBeyondDoubt = (
  { timestamp, sentAt, offset }: Captured,
  recordedAt: number,
  rules: Policy["timestamp_rules"],
): boolean =>
  rules === "2022" || (!timestamp && !sentAt && offset === undefined && isRepresentable(recordedAt))

/** When an event happened, in epoch milliseconds. */
export const of = (event: Captured, recordedAt: number, rules: Policy["timestamp_rules"]): number =>
  read(event, recordedAt, rules).time

/**
 * A timestamp is corrected by the client's clock skew, and beats an offset; with neither it is the
 * time of recording (P50, P51).
 */
const of2022 = (event: Captured, recordedAt: number): number => {
  const given = parse(event.timestamp)
  const sentAt = event.facts.ignoreSentAt ? undefined : parse(event.sentAt)
  const skew = sentAt === undefined ? 0 : recordedAt - sentAt
  const time = given === undefined ? recordedAt - (event.offset ?? 0) : given + skew
  return isRepresentable(time) ? Math.trunc(time) : recordedAt
}

const ignored = (field: string, value: string, reason: string) => ({
  type: "ignored_invalid_timestamp" as const,
  details: { field, value, reason },
})

/** An offset beats a timestamp, and nothing happens more than 23 hours ahead (P51, P52). */
const ofToday = (event: Captured, recordedAt: number): Reading => {
  const { timestamp, sentAt, offset } = event
  const given = parse(timestamp)
  const sent = parse(sentAt)
  const warnings: Array<Reading["warnings"][number]> = []
  if (timestamp && given === undefined) {
    warnings.push(ignored("timestamp", timestamp, "it is not ISO 8601"))
  }
  if (sentAt && sent === undefined && !event.facts.ignoreSentAt) {
    warnings.push(ignored("sent_at", sentAt, "it is not ISO 8601"))
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
  warnings.push(ignored("timestamp", timestamp ?? `${offset}`, "its year is out of range"))
  return { time: 0, warnings }
}
