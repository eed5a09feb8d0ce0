/** Characters that would be seen as nothing, or turn what stands beside them around. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Joins emoji, and is no sign of its own there. */
const joiner = "\u200d"

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`

/** A text with its control characters as escapes, so that it is seen as it is. */
export const visible = (text: string): string =>
  text.replace(hidden, (character) => (character === joiner ? character : escaped(character)))

/** The beginning of a text that is longer than that; half an emoji is no character. */
export const beginning = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")}…`
