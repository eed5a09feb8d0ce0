import * as Json from "@onymous/identity/encoding/Json"
import { isNumberText } from "@onymous/identity/encoding/NumberText"

/**
 * A character without its case, and always one character, so that a place in a text stays one: whatever has the
 * same capital is the same, as σ and ς are, and so are i, I, İ and ı.
 */
const foldOne = (character: string): string => {
  const upper = character.toUpperCase()
  const [first, ...more] = (isOne(upper) ? upper : character).toLowerCase()
  // A dotted İ is lowered to an i and a dot of its own.
  return more.length === 0 || first === "i" ? (first ?? character) : character
}

const isOne = (text: string): boolean =>
  text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)

const isAscii = /^[\0-\x7f]*$/

/** A text without its case: two texts are the same to a search where these are equal. */
export const fold = (text: string): string =>
  isAscii.test(text) ? text.toLowerCase() : Array.from(text, foldOne).join("")

/** What a search looks into: texts, numbers and truth values, however deep they lie, and no keys. */
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

/** True where a text is found in one of some texts, ignoring case; the empty one is, everywhere. */
export const isIn = (texts: ReadonlyArray<string>, search: string): boolean => {
  const wanted = fold(Json.cleanText(search))
  return wanted === "" || texts.some((text) => fold(text).includes(wanted))
}
