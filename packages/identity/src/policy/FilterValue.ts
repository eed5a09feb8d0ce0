import * as Json from "../encoding/Json.ts"
import { isNumberText } from "../encoding/NumberText.ts"
import * as IsoTime from "../encoding/IsoTime.ts"

/**
 * The text of a value for comparisons: 1 equals "1" and true equals "true" (P58, as ClickHouse
 * reads JSON).
 */
export const textOf = (value: Json.Json): string =>
  typeof value === "string" ? value : Json.canonical(value)

/** The text that a filter searches; undefined for a missing property or null (P58). */
export const searchedOf = (value: Json.Json | undefined): string | undefined =>
  value === undefined || value === null ? undefined : textOf(value)

/** The number in a property, also in a text with spaces around it (P58); a boolean is no number. */
export const numberOf = (value: Json.Json | undefined): number | undefined => {
  if (typeof value === "number") return value
  if (isNumberText(value)) return Number(value.rawJSON)
  if (typeof value !== "string") return undefined
  const text = value.replaceAll(" ", "")
  // Number alone would also read "", "0x10" and "Infinity".
  const number = /^[\d.e+-]+$/i.test(text) ? Number(text) : Number.NaN
  return Number.isNaN(number) ? undefined : number
}

/** Nine or ten digits are seconds, three more make them milliseconds. */
const unix = /^(\d{9,10})(\d{3})?$/

const unixTime = (text: string): number | undefined => {
  const [, seconds, milliseconds = "0"] = unix.exec(text) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000 + Number(milliseconds)
}

const timeOfText = (text: string): number | undefined => unixTime(text) ?? IsoTime.parse(text)

/**
 * The time in a property, in epoch milliseconds; failing all else, the day in its first ten
 * characters (P58).
 */
export const timeOf = (value: Json.Json | undefined): number | undefined => {
  if (typeof value !== "string" && typeof value !== "number") return undefined
  const text = String(value)
  return timeOfText(text) ?? timeOfText(text.slice(0, 10))
}

/** From `start` up to, not including, `end`, in epoch milliseconds. */
export interface Span {
  readonly start: number
  readonly end: number
}

const second = 1000
const day = 86_400 * second

const unitLengths = new Map([
  ["s", second],
  ["M", 60 * second],
  ["h", 3600 * second],
  ["d", day],
  ["w", 7 * day],
  ["q", 13 * 7 * day],
])

const monthsBefore = (now: number, months: number): number => {
  const date = new Date(now)
  const dayOfMonth = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() - months)
  const last = new Date(date)
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  // A month before 31 March is the last day of February.
  date.setUTCDate(Math.min(dayOfMonth, last.getUTCDate()))
  return date.getTime()
}

const relativeTime = (text: string, now: number): number | undefined => {
  const [, count, unit] = /^-?(\d{1,4})([sMhdwmqy])$/.exec(text) ?? []
  if (count === undefined || unit === undefined) return undefined
  const length = unitLengths.get(unit)
  if (length !== undefined) return now - Number(count) * length
  return monthsBefore(now, Number(count) * (unit === "y" ? 12 : 1))
}

/**
 * The span that a filter's date names (P58): a day for `2022-10-24`, else a second. `-7d` and `7d`
 * are seven days before `now`, in UTC; the units are s, M (minutes), h, d, w, m, q and y.
 */
export const spanOf = (value: Json.Json, now: number): Span | undefined => {
  if (typeof value !== "string") return undefined
  const time = relativeTime(value, now) ?? timeOfText(value)
  if (time === undefined) return undefined
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return { start: time, end: time + day }
  const start = Math.floor(time / second) * second
  return { start, end: start + second }
}
