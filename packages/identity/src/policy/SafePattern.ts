import { RE2JS } from "re2js"

/** The longest pattern in characters, and the largest in RE2's instructions: both cost at each match. */
export const lengthMax = 500
const sizeMax = 1000

/** The most compiled patterns that are kept; what is more is compiled again. */
const keptMax = 1000

const kept = new Map<string, RE2JS | undefined>()

const compile = (text: string): RE2JS | undefined => {
  if (text.length > lengthMax) return undefined
  try {
    // In ClickHouse's match a dot is a line break too.
    const pattern = RE2JS.compile(text, RE2JS.DOTALL)
    return pattern.programSize() > sizeMax ? undefined : pattern
  } catch {
    return undefined
  }
}

const of = (text: string): RE2JS | undefined => {
  if (!kept.has(text)) {
    const [oldest] = kept.keys()
    if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest)
    kept.set(text, compile(text))
  }
  return kept.get(text)
}

/** True for a pattern as RE2 writes it, neither long nor large. */
export const isPattern = (text: string): boolean => of(text) !== undefined

/** True if the pattern matches a part of a text, in time in proportion to it; an invalid one never does. */
export const isIn = (pattern: string, text: string): boolean => of(pattern)?.test(text) ?? false
