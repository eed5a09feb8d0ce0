import { RE2JS } from "re2js"
import * as SafePattern from "./SafePattern.ts"

/**
 * The longest pattern in characters, and the largest program in RE2's instructions: both slow each
 * match.
 */
export const lengthMax = 500
const sizeMax = 1000

/** The size of the cache of compiled patterns. */
const cacheMax = 1000

const cache = new Map<string, SafePattern.Matcher | undefined>()

const compile = (text: string): SafePattern.Matcher | undefined => {
  if (text.length > lengthMax) return undefined
  try {
    // A dot matches a line break too, as in ClickHouse's `match`.
    const pattern = RE2JS.compile(text, RE2JS.DOTALL)
    return pattern.programSize() > sizeMax ? undefined : pattern
  } catch {
    return undefined
  }
}

const of = (text: string): SafePattern.Matcher | undefined => {
  if (!cache.has(text)) {
    const [oldest] = cache.keys()
    if (cache.size >= cacheMax && oldest !== undefined) cache.delete(oldest)
    cache.set(text, compile(text))
  }
  return cache.get(text)
}

// Whoever reads a policy loads this module, because the schema of a policy asks it; who folds alone need not.
SafePattern.matchWith(of)

/** True for a valid RE2 pattern within both limits. */
export const isPattern = (text: string): boolean => of(text) !== undefined

/** `SafePattern.isIn` with RE2. */
export const isIn = (pattern: string, text: string): boolean => of(pattern)?.test(text) ?? false
