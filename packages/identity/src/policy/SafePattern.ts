import { RE2JS } from "re2js"

/**
 * The longest pattern in characters, and the largest program in RE2's instructions: both slow each
 * match.
 */
export const lengthMax = 500
const sizeMax = 1000

/** The size of the cache of compiled patterns. */
const cacheMax = 1000

const cache = new Map<string, RE2JS | undefined>()

const compile = (text: string): RE2JS | undefined => {
  if (text.length > lengthMax) return undefined
  try {
    // A dot matches a line break too, as in ClickHouse's `match`.
    const pattern = RE2JS.compile(text, RE2JS.DOTALL)
    return pattern.programSize() > sizeMax ? undefined : pattern
  } catch {
    return undefined
  }
}

const of = (text: string): RE2JS | undefined => {
  if (!cache.has(text)) {
    const [oldest] = cache.keys()
    if (cache.size >= cacheMax && oldest !== undefined) cache.delete(oldest)
    cache.set(text, compile(text))
  }
  return cache.get(text)
}

/** True for a valid RE2 pattern within both limits. */
export const isPattern = (text: string): boolean => of(text) !== undefined

/**
 * True if the pattern matches a part of a text, in linear time; an invalid pattern matches nothing.
 */
export const isIn = (pattern: string, text: string): boolean => of(pattern)?.test(text) ?? false
