/** Values of JSON, read without trust: the model's own helpers for texts and objects of a line. */

/** An object in a line; only its own keys count. */
export type Bag = Readonly<Record<string, unknown>>

export const isBag = (value: unknown): value is Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const get = (value: unknown, key: string): unknown =>
  isBag(value) && Object.hasOwn(value, key) ? value[key] : undefined

export const has = (value: unknown, key: string): boolean =>
  isBag(value) && Object.hasOwn(value, key)

/** True for a value that is neither missing nor null. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null

/** A value with U+FFFD in place of each NUL and lone surrogate (P32). */
export const clean = (value: unknown): unknown => {
  if (typeof value === "string") return cleanText(value)
  if (Array.isArray(value)) return value.map(clean)
  if (!isBag(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item)]))
}

export const cleanText = (value: string): string => value.replaceAll("\0", "\uFFFD").toWellFormed()

/** The result of JavaScript's `String`, without calling an object's own `toString`. */
export const text = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => (isGiven(item) ? text(item) : "")).join(",")
  return isBag(value) ? "[object Object]" : String(value)
}

/** The distinct id in a field: 200 characters of it. */
export const idOf = (value: unknown): string =>
  cleanText(Array.from(text(value)).slice(0, 200).join(""))

export const entries = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
  isBag(value) ? Object.entries(value) : []

/** The texts in an array; empty for any other value. */
export const texts = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : []

/** True for equal JSON, whatever the order of keys. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]))
  }
  if (!isBag(a) || !isBag(b)) return a === b
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  )
}
