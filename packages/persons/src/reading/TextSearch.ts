import * as Json from "@onymous/identity/encoding/Json"
import { isNumberText } from "@onymous/identity/encoding/NumberText"

/**
 * A character without its case. Characters with the same capital are equal, as σ and ς are, and i, I, İ and ı. The
 * result is always one character, so that folding a text keeps its length.
 */
const foldOne = (character: string): string => {
  const upper = character.toUpperCase()
  const [first, ...more] = (isOne(upper) ? upper : character).toLowerCase()
  // The lower case of a dotted İ is two characters: an i and a combining dot.
  return more.length === 0 || first === "i" ? (first ?? character) : character
}

const isOne = (text: string): boolean =>
  text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)

const isAscii = /^[\0-\x7f]*$/

/** A text without its case: a search takes two texts for the same where their folds are equal. */
export const fold = (text: string): string =>
  isAscii.test(text) ? text.toLowerCase() : Array.from(text, foldOne).join("")

/** The values that a search looks into: texts, numbers and booleans at any depth, and no keys. */
export const valuesOf = (value: Json.Json): ReadonlyArray<string> => {
  const found: Array<string> = []
  const rest = [value]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === "string") found.push(next)
    else if (typeof next !== "object" || isNumberText(next)) found.push(JSON.stringify(next))
    else if (next !== null) for (const part of Object.values(next)) rest.push(part)
  }
  return found
}

/** True where one of these texts contains the search in any case; every text contains the empty search. */
export const isIn = (texts: ReadonlyArray<string>, search: string): boolean => {
  const wanted = fold(Json.cleanText(search))
  return wanted === "" || texts.some((text) => fold(text).includes(wanted))
}
