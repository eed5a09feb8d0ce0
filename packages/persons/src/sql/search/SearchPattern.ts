import { cleanText } from "@onymous/identity/encoding/Json"
import { fold } from "../../reading/TextSearch.ts"

/** Beyond this code point no script has letters of two cases. */
const lettersMax = 0x1ffff

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

/** Letter without its case → all letters that fold to it. */
const letters = (): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, Array<string>>()
  for (let code = 0; code <= lettersMax; code++) {
    if (isSurrogate(code)) continue
    const letter = String.fromCodePoint(code)
    const folded = fold(letter)
    if (folded === letter) continue
    const same = found.get(folded) ?? [folded]
    same.push(letter)
    found.set(folded, same)
  }
  return found
}

let lettersByFold: ReadonlyMap<string, ReadonlyArray<string>> | undefined

/** All letters that fold to one. The map is computed on first use, because that takes a tenth of a second. */
const lettersOf = (folded: string): ReadonlyArray<string> => {
  lettersByFold ??= letters()
  return lettersByFold.get(folded) ?? [folded]
}

const escaped = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, "\\$&")

const alternatives = (texts: ReadonlyArray<string>): string =>
  texts.length === 1 ? escaped(texts[0] ?? "") : `(?:${texts.map(escaped).join("|")})`

const patternOf = (search: string, write: (letter: string) => string): string =>
  Array.from(fold(cleanText(search)), (folded) => alternatives(lettersOf(folded).map(write))).join(
    "",
  )

/**
 * The regular expression by which Postgres finds a text as `TextSearch` does. It spells out each letter in every
 * case, because the collation of a database may know the cases of ASCII alone.
 */
export const inText = (search: string): string => patternOf(search, (letter) => letter)

/** The characters of numbers and booleans, in lower case. */
const isLiteral = /^[-+.0-9a-z]*$/

/** The rest of a string that is no key, up to its end. */
const restOfString = '(?:[^"\\\\]|\\\\.)*"(?!:)'

/** The rest of a number or a boolean, and the character after it. */
const restOfLiteral = "[-+.0-9a-zA-Z]*[],}]"

/**
 * The regular expression that a JSON text meets if `TextSearch` finds a text in its values; a few others meet it,
 * too. It leaves out keys, because all persons have the same ones.
 */
export const inJson = (search: string): string => {
  const found = patternOf(search, (letter) => JSON.stringify(letter).slice(1, -1))
  return isLiteral.test(fold(search))
    ? `${found}(?:${restOfString}|${restOfLiteral})`
    : `${found}${restOfString}`
}
