/** Matches texts by a pattern. */
export interface Matcher {
  readonly test: (text: string) => boolean
}

/** Makes the matcher of a valid pattern. */
type Compile = (pattern: string) => Matcher | undefined

const missing: Compile = () => {
  throw new Error(
    "A policy has patterns, and nothing here matches them: import @onymous/identity/policy/Re2Pattern.",
  )
}

let compile = missing

/** Hands in what matches patterns; it is larger than all else here, and most policies have no pattern. */
export const matchWith = (given: Compile): void => {
  compile = given
}

/**
 * True if the pattern matches a part of a text, in linear time; an invalid pattern matches nothing.
 */
export const isIn = (pattern: string, text: string): boolean =>
  compile(pattern)?.test(text) ?? false
