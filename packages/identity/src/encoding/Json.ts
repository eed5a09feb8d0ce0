import { isNumberText } from "./NumberText.ts"

/** A value as JSON carries it; a `NumberText` stands where a double would not keep a number. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject

/** A JSON object; keys such as `__proto__` are ordinary keys of it. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** How deep arrays and objects may nest: what PostHog's parser takes (posthog.md §7.4, undecodable). */
export const depthMax = 128

/** True for a JSON object: neither null nor an array, nor a number that is kept as its text. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isNumberText(value)

/** The own value of a key, so that `toString` of an empty object is absent (SPEC §3). */
export const get = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** Inherits nothing. An object without any prototype takes a multiple of its time and memory. */
class Bare {
  [key: string]: Json
}

Reflect.deleteProperty(Bare.prototype, "constructor")
Object.setPrototypeOf(Bare.prototype, null)

/** An empty object to which any key can be assigned: nothing is inherited, so `__proto__` is one too. */
export const emptyObject = (): Record<string, Json> => new Bare()

/** An object without a key, to be shared. */
export const empty: JsonObject = Object.freeze(emptyObject())

/** A copy of an object to which any key can be assigned. */
export const copyObject = (object: JsonObject): Record<string, Json> =>
  Object.assign(emptyObject(), object)

/** Equality by value; the order of keys plays no part. */
export const equals = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  return canonical(a) === canonical(b)
}

/** True for an object without members in members, its keys in order: its text is canonical as it is. */
const isPlain = (object: JsonObject, keys: ReadonlyArray<string>): boolean => {
  let last = ""
  for (const key of keys) {
    const value = object[key]
    if (key < last || (typeof value === "object" && value !== null)) return false
    last = key
  }
  return true
}

/** The one text of a value: keys sorted, no white space. Equal values have equal texts. */
export const canonical = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (!isObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value)
  if (isPlain(value, keys)) return JSON.stringify(value)
  let text = ""
  for (const key of keys.sort()) {
    text += `${text === "" ? "{" : ","}${JSON.stringify(key)}:${canonical(value[key] ?? null)}`
  }
  return text === "" ? "{}" : `${text}}`
}

/** About how long an object's text is, in characters: numbers and what else is short count as eight. */
export const lengthOf = (object: JsonObject): number => {
  let length = 0
  for (const key in object) {
    const value = object[key]
    const isNested = typeof value === "object" && value !== null
    length += key.length
    length += typeof value === "string" ? value.length : isNested ? canonical(value).length : 8
  }
  return length
}

/** Quotes, a colon and a comma, and the longest number. */
const markMost = 32

/**
 * As many bytes as an object's text may take at most: it looks at no character, of which one takes six
 * bytes where it is escaped. Infinite where members have members.
 */
export const bytesMost = (object: JsonObject): number => {
  let most = 2
  for (const key in object) {
    const value = object[key]
    if (typeof value === "object" && value !== null) return Number.POSITIVE_INFINITY
    most += key.length * 6 + markMost
    if (typeof value === "string") most += value.length * 6
  }
  return most
}

/** True if a value nests deeper than `limit`; never overflows the stack. */
export const isDeeperThan = (value: unknown, limit: number): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (limit === 0) return !isNumberText(value)
  // Without a list of the members: every event is looked through.
  for (const key in value) {
    if (isDeeperThan(Reflect.get(value, key), limit - 1)) return true
  }
  return false
}

/** Text that every database can hold: NUL and lone surrogates become U+FFFD (P32). */
export const cleanText = (text: string): string =>
  text.includes("\0") ? text.replaceAll("\0", "\uFFFD").toWellFormed() : text.toWellFormed()

/** True for the JSON of a value whose texts, keys included, are all clean. */
export const isClean = (json: string): boolean => !/\\u0000|\\ud[89a-f]/i.test(json)

/** A value whose texts, keys included, are all clean; the same value where they were. */
export const clean = (value: Json): Json =>
  isClean(JSON.stringify(value)) ? value : cleanDeep(value)

const cleanDeep = (value: Json): Json => {
  if (typeof value === "string") return cleanText(value)
  if (Array.isArray(value)) return value.map(cleanDeep)
  if (!isObject(value)) return value
  const result = emptyObject()
  for (const [key, member] of Object.entries(value)) result[cleanText(key)] = cleanDeep(member)
  return result
}
