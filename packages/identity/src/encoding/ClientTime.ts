import * as IsoTime from "./IsoTime.ts"

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

/** Hours ahead of UTC of the names that RFC 2822 has for zones. */
const zones = new Map([
  ["UT", 0],
  ["EST", -5],
  ["EDT", -4],
  ["CST", -6],
  ["CDT", -5],
  ["MST", -7],
  ["MDT", -6],
  ["PST", -8],
  ["PDT", -7],
])

/** RFC 2822: `Tue, 25 Oct 2022 14:00:00 +0200`. */
const mail =
  /^(?:[a-z]{3},\s*)?(?<day>\d{1,2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d))?\s*(?<zone>[+-]\d{4}|[a-z]{1,3})(?:\s*\(.*\))?$/i

/** As JavaScript writes a date: `Tue Oct 25 2022 14:00:00 GMT+0200 (CEST)`. */
const script =
  /^(?:[a-z]{3} )?(?<month>[a-z]{3}) (?<day>\d\d) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT(?<zone>[+-]\d{4})(?:\s*\(.*\))?$/i

/** Milliseconds since 1970: fewer digits could be seconds, more could be microseconds. */
const milliseconds = /^\d{12,13}(?:\.\d+)?$/

/**
 * Epoch milliseconds of a text by which a client names an instant without doubt: ISO 8601, where no
 * zone means UTC, RFC 2822, a date as JavaScript writes it, or milliseconds since 1970. Undefined for
 * any other text, because another reader would read another instant. Reads no clock and no time zone.
 */
export const parse = (text: string | undefined): number | undefined => {
  const time = IsoTime.parse(text)
  if (time !== undefined || text === undefined) return time
  const trimmed = text.trim()
  if (milliseconds.test(trimmed)) return Math.trunc(Number(trimmed))
  const parts = (mail.exec(trimmed) ?? script.exec(trimmed))?.groups
  return parts && ofParts(parts)
}

const ofParts = (parts: Readonly<Record<string, string | undefined>>): number | undefined => {
  const zone = zoneOf(parts["zone"] ?? "")
  if (zone === undefined) return undefined
  const number = (name: string) => Number(parts[name] ?? 0)
  return IsoTime.ofCivil({
    year: number("year"),
    month: months.indexOf((parts["month"] ?? "").toLowerCase()) + 1,
    day: number("day"),
    hour: number("hour"),
    minute: number("minute"),
    second: number("second"),
    millisecond: 0,
    zone,
  })
}

const zoneOf = (text: string): number | undefined => {
  if (/^(?:[+-]|Z$|UTC$|GMT$)/i.test(text)) return IsoTime.zoneMinutes(text)
  const hours = zones.get(text.toUpperCase())
  return hours === undefined ? undefined : hours * 60
}
