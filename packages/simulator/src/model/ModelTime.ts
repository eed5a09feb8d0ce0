/** The time of an event (P50–P53), and the arrival time of a line. */

import * as PlainJson from "./PlainJson.ts"
import type { Rules } from "./Rules.ts"

/** Lines without a time follow each other by a second from here on. */
const START = Date.UTC(2022, 9, 25, 12)

const HOUR = 3_600_000

const ISO =
  /^((?:[+-]\d{6}|\d{4})-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$/i

export interface Moment {
  readonly at: number
  readonly warnings: ReadonlyArray<{ readonly type: string; readonly details: PlainJson.Bag }>
}

/** The time in an ISO text: without a zone it is UTC, and `+03` is `+03:00`. */
export const parse = (value: unknown): number | undefined => {
  const found = typeof value === "string" ? ISO.exec(value.trim()) : null
  if (found === null) return undefined
  const [, day, clock = "00:00", zone = "Z"] = found
  const digits = zone.replace(":", "").padEnd(5, "0")
  const isUtc = /^[a-z]/i.test(zone)
  const offset = isUtc ? "Z" : `${digits.slice(0, 3)}:${digits.slice(3)}`
  const time = Date.parse(`${day}T${clock}${offset}`)
  return Number.isNaN(time) ? undefined : time
}

/**
 * The time in a client's field: ISO, or else what JavaScript reads where the text says its zone, or
 * milliseconds.
 */
const parseClient = (value: unknown): number | undefined => {
  const text = PlainJson.text(value).trim()
  const iso = parse(text)
  if (iso !== undefined) return iso
  if (/^\d{12,13}$/.test(text)) return Number(text)
  if (!/^[a-z]{3}.*\d\d:\d\d.*(GMT|[+-]\d{4})/i.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/**
 * The arrival time of a line, before it is raised to that of the line before; a policy or a command
 * may have none of its own.
 */
export const arrival = (line: PlainJson.Bag, index: number): number => {
  const received = parse(PlainJson.get(line, "received_at"))
  if (received !== undefined) return received
  if (PlainJson.has(line, "policy") || PlainJson.has(line, "api")) {
    return parse(PlainJson.get(line, "timestamp")) ?? -Infinity
  }
  const stamp = parseClient(PlainJson.get(line, "timestamp"))
  return stamp !== undefined && isInRange(stamp) ? stamp : START + index * 1000
}

/** The time of an event that arrived at `now`. */
export const moment = (rules: Rules, event: PlainJson.Bag, now: number): Moment => {
  const isToday = rules.timestamp_rules === "today"
  const sent = given(event, "sent_at")
  const flag = PlainJson.get(PlainJson.get(event, "properties"), "$ignore_sent_at")
  const ignoresSent = isToday && flag === true
  const sentAt = ignoresSent ? undefined : parseClient(sent)
  const stamp = given(event, "timestamp")
  const at = claimed(rules, event, sentAt, now)
  const warnings: Array<Moment["warnings"][number]> = []
  const ignored = (field: string, value: unknown) => {
    const details = { field, value: PlainJson.text(value ?? "") }
    warnings.push({ type: "ignored_invalid_timestamp", details })
  }
  if (stamp !== undefined && parseClient(stamp) === undefined) ignored("timestamp", stamp)
  if (sent !== undefined && !ignoresSent && sentAt === undefined) ignored("sent_at", sent)
  if (isToday && at - now > 23 * HOUR) {
    warnings.push({ type: "event_timestamp_in_future", details: {} })
    return { at: now, warnings }
  }
  if (isInRange(at)) return { at, warnings }
  ignored("timestamp", stamp ?? PlainJson.get(event, "offset"))
  return { at: isToday ? 0 : now, warnings }
}

/** The time that the event claims, even outside the range that is accepted. */
const claimed = (
  rules: Rules,
  event: PlainJson.Bag,
  sentAt: number | undefined,
  now: number,
): number => {
  const stamp = parseClient(given(event, "timestamp"))
  const offset = PlainJson.get(event, "offset")
  const byOffset = typeof offset === "number" ? now - offset : undefined
  const byStamp = stamp === undefined || sentAt === undefined ? stamp : stamp + (now - sentAt)
  if (rules.timestamp_rules === "today") return byOffset ?? byStamp ?? now
  // In 2022 an offset counted only without a timestamp, even beside one that nobody could read.
  return given(event, "timestamp") === undefined ? (byOffset ?? now) : (byStamp ?? now)
}

/** A field with a value; null and the empty text count as none. */
const given = (event: PlainJson.Bag, field: string): unknown => {
  const value = PlainJson.get(event, field)
  return value === null || value === "" ? undefined : value
}

const isInRange = (time: number): boolean => {
  const year = new Date(time).getUTCFullYear()
  return year >= 1 && year <= 9999
}
