const iso =
  /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$/i

/** Nearly every text has this form: `2022-10-25T12:00:00.000Z`, with or without its milliseconds. */
const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/

/** A day and a time of it, as counted by the calendar. */
export interface Civil {
  readonly year: number
  /** From 1 on. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
  /** Minutes ahead of UTC. */
  readonly zone: number
}

/**
 * Epoch milliseconds of an ISO 8601 text; without a zone it is UTC. Reads no clock and no time zone.
 */
export const parse = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (usual.test(text)) return parseUsual(text)
  const match = iso.exec(text.trim())
  return match === null ? undefined : ofParts(match)
}

/** What the parts of a text say: year to second, a fraction of a second, and a zone. */
const ofParts = (match: RegExpExecArray): number | undefined => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const millisecond = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000)
  const zone = zoneMinutes(match[8])
  return zone === undefined
    ? undefined
    : ofCivil({ year, month, day, hour, minute, second, millisecond, zone })
}

/** Also the basic form, a time of hours alone, and fractions of any length. */
const typed =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * The same of every form of ISO 8601 in which people type a time. The times of events have fewer forms, because
 * what an event says is never read otherwise than before.
 */
export const parseTyped = (text: string): number | undefined => {
  const usualTime = parse(text)
  const match = usualTime === undefined ? typed.exec(text.trim()) : null
  return match === null ? usualTime : ofParts(match)
}

const zero = 48

/** The number of a text's digits from `from` up to `to`. */
const digits = (text: string, from: number, to: number): number => {
  let value = 0
  for (let at = from; at < to; at++) value = value * 10 + text.charCodeAt(at) - zero
  return value
}

// Without a list of parts: every event of a client brings such a text.
const parseUsual = (text: string): number | undefined =>
  ofCivil({
    year: digits(text, 0, 4),
    month: digits(text, 5, 7),
    day: digits(text, 8, 10),
    hour: digits(text, 11, 13),
    minute: digits(text, 14, 16),
    second: digits(text, 17, 19),
    millisecond: text.length === 24 ? digits(text, 20, 23) : 0,
    zone: 0,
  })

/** Epoch milliseconds; undefined where the calendar has no such day, or the day no such time. */
export const ofCivil = ({
  year,
  month,
  day,
  hour,
  minute,
  second,
  millisecond,
  zone,
}: Civil): number | undefined => {
  const isTime = hour < 24 || (hour === 24 && minute === 0 && second === 0 && millisecond === 0)
  if (!isTime || minute > 59 || second > 59 || day < 1 || day > daysOf(year, month)) {
    return undefined
  }
  // `Date.UTC` takes the years 0 to 99 for those of the last century.
  const isShort = year >= 0 && year < 100
  const time = Date.UTC(
    isShort ? year + 400 : year,
    month - 1,
    day,
    hour,
    minute,
    second,
    millisecond,
  )
  return time - (isShort ? cycle : 0) - zone * 60_000
}

/** Four hundred years: after them the calendar begins anew. */
const cycle = 146_097 * 86_400_000

const daysOf = (year: number, month: number): number => {
  if (month < 1 || month > 12) return 0
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Minutes ahead of UTC that a zone says: `Z`, `UTC`, `+03`, `-0330`; undefined for one that no clock keeps. */
export const zoneMinutes = (zone: string | undefined): number | undefined => {
  if (zone === undefined || /^[a-z]/i.test(zone)) return 0
  const digits = zone.slice(1).replace(":", "")
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || 0)]
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes)
}

/** From year 1 to 9999: what ISO text and every database agree on. */
export const isRepresentable = (time: number): boolean =>
  time >= -62_135_596_800_000 && time < 253_402_300_800_000
