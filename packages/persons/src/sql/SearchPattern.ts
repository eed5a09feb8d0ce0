import { cleanText } from "@onymous/identity/encoding/Json"
import { fold } from "../reading/TextSearch.ts"

/** Beyond these code points no script has letters of two cases. */
const lettersMax = 0x1ffff

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

/** By a letter without its case, all letters that are it. */
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

let known: ReadonlyMap<string, ReadonlyArray<string>> | undefined

/** Computed once, when it is first asked, because that takes a process a tenth of a second. */
const lettersOf = (folded: string): ReadonlyArray<string> => {
  known ??= letters()
  return known.get(folded) ?? [folded]
}

const escaped = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, "\\$&")

const alternatives = (texts: ReadonlyArray<string>): string =>
  texts.length === 1 ? escaped(texts[0] ?? "") : `(?:${texts.map(escaped).join("|")})`

const patternOf = (search: string, write: (letter: string) => string): string =>
  Array.from(fold(cleanText(search)), (folded) => alternatives(lettersOf(folded).map(write))).join(
    "",
  )

/**
 * The regular expression by which Postgres finds a text as `TextSearch` does. It names every letter in each case,
 * because the collation of a database may know only those of ASCII.
 */
export const inText = (search: string): string => patternOf(search, (letter) => letter)

/** What numbers and truth values are written with, without their case. */
const isLiteral = /^[-+.0-9a-z]*$/

/** The rest of a string and its end, which is no key's. */
const restOfString = '(?:[^"\\\\]|\\\\.)*"(?!:)'

/** The rest of a number or a truth value, and what comes after it. */
const restOfLiteral = "[-+.0-9a-zA-Z]*[],}]"

/**
 * The regular expression that a JSON text meets if `TextSearch` finds a text in its values; a few that meet it have
 * the text elsewhere. Keys are not looked into, because everybody has the same ones.
 */
export const inJson = (search: string): string => {
  const found = patternOf(search, (letter) => JSON.stringify(letter).slice(1, -1))
  return isLiteral.test(fold(search))
    ? `${found}(?:${restOfString}|${restOfLiteral})`
    : `${found}${restOfString}`
}
