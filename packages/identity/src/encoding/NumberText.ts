/**
 * A number of a JSON text that a double does not keep, 9007199254740993 or 1e400 say, as JavaScript's own raw
 * JSON: `JSON.stringify` writes the characters that it was read from.
 */
export type NumberText = { readonly rawJSON: string }

declare global {
  interface JSON {
    /** Absent in browsers from before 2025. */
    readonly rawJSON?: (text: string) => NumberText
    readonly isRawJSON?: (value: unknown) => boolean
  }
}

/** True for a number that is kept as its text. */
export const isNumberText = (value: unknown): value is NumberText =>
  JSON.isRawJSON !== undefined && JSON.isRawJSON(value)

/** A number that is kept as its text; the nearest double where the platform has no raw JSON. */
export const of = (text: string): NumberText | number => JSON.rawJSON?.(text) ?? Number(text)

const integer = /^-?\d+$/

/** True if a double keeps a number: its value and, where it is written in digits alone, these digits. */
export const isKept = (text: string): boolean => {
  const number = Number(text)
  const own = String(number)
  if (own === text) return true
  if (!Number.isFinite(number)) return false
  if (integer.test(text)) return number === 0 && digitsOf(text).digits === ""
  const [given, kept] = [digitsOf(text), digitsOf(own)]
  return given.digits === kept.digits && (given.digits === "" || given.exponent === kept.exponent)
}

const parts = /^-?(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i

const zero = "0"

/** The digits of a number without zeros around them, and the power of ten that they are multiplied by. */
const digitsOf = (text: string): { readonly digits: string; readonly exponent: number } => {
  const [, whole = "", fraction = "", exponent = "0"] = parts.exec(text) ?? []
  const digits = whole + fraction
  let [start, end] = [0, digits.length]
  while (start < end && digits[start] === zero) start++
  while (start < end && digits[end - 1] === zero) end--
  return {
    digits: digits.slice(start, end),
    exponent: Number(exponent) - fraction.length + (digits.length - end),
  }
}

/** A number of fewer digits is kept, unless its exponent has three. */
const long = 16

const exponent = /\d[eE][-+\d]\d\d/g

const isDigit = (code: number): boolean => code >= 48 && code <= 57

const point = 46

/** Digits, and what else a number is written with. */
const isOfNumber = (code: number): boolean =>
  isDigit(code) || code === point || code === 43 || code === 45 || code === 69 || code === 101

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i

const opening = /[[,:\s]/

/** Where the characters of a number around a place begin. */
const startOf = (text: string, at: number): number => {
  let start = at
  while (start > 0 && isOfNumber(text.charCodeAt(start - 1))) start--
  return start
}

/** Where the characters of a number around a place end. */
const endOf = (text: string, at: number): number => {
  let end = at + 1
  while (end < text.length && isOfNumber(text.charCodeAt(end))) end++
  return end
}

/** True for a number that a double does not keep; one in a text that looks like JSON counts, too. */
const isLost = (text: string, start: number, end: number): boolean => {
  if (start > 0 && !opening.test(text.charAt(start - 1))) return false
  const token = text.slice(start, end)
  return number.test(token) && !isKept(token)
}

const isDigitOrPoint = (code: number): boolean => isDigit(code) || code === point

/** True if so many digits stand around a place that a double may not keep them. */
const isLong = (text: string, at: number): boolean => {
  let [start, end] = [at, at + 1]
  while (end - start < long && isDigitOrPoint(text.charCodeAt(end))) end++
  while (end - start < long && isDigitOrPoint(text.charCodeAt(start - 1))) start--
  return end - start >= long
}

/** True if a number with many digits is lost: of so many in a row, one has a place that is looked at. */
const holdsLong = (text: string): boolean => {
  for (let at = long - 1; at < text.length; at += long) {
    if (!isDigitOrPoint(text.charCodeAt(at)) || !isLong(text, at)) continue
    const end = endOf(text, at)
    if (isLost(text, startOf(text, at), end)) return true
    at = end
  }
  return false
}

/** True if a number with a large exponent is lost. */
const holdsLarge = (text: string): boolean => {
  exponent.lastIndex = 0
  for (let found = exponent.exec(text); found !== null; found = exponent.exec(text)) {
    const end = endOf(text, found.index)
    if (isLost(text, startOf(text, found.index), end)) return true
    exponent.lastIndex = end
  }
  return false
}

/**
 * True if JSON text may hold a number that a double does not keep. Nearly all bodies hold none: it looks at one
 * character of sixteen, and for exponents. No character is part of two numbers that it looks at.
 */
export const mayHoldLost = (text: string): boolean => holdsLong(text) || holdsLarge(text)
