import { CliOutput } from "effect/cli"

/** The columns of a terminal; undefined for other output, whose lines have no limit. */
export type Width = number | undefined

/** The columns that a text takes on a terminal. */
export const widthOf = CliOutput.displayWidth

/** The text, filled with spaces up to a width. */
export const padTo = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - widthOf(text)))

/** The letters of a text as a reader counts them. */
const lettersOf = (text: string): ReadonlyArray<string> =>
  /^[\x20-\x7e]*$/.test(text)
    ? [...text]
    : Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)

/** Breaks a word that is wider than a line between two of its letters. */
const broken = (word: string, width: number): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let [part, taken] = ["", 0]
  for (const letter of lettersOf(word)) {
    const more = widthOf(letter)
    if (part !== "" && taken + more > width) {
      parts.push(part)
      part = ""
      taken = 0
    }
    part += letter
    taken += more
  }
  return [...parts, part]
}

/** Puts words, with what follows each, on as few lines as possible. */
const filled = (words: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of words) {
    if (line !== "" && widthOf(`${line}${word.trimEnd()}`) > width) {
      lines.push(line.trimEnd())
      line = ""
    }
    line += word
  }
  return [...lines, line.trimEnd()]
}

/** Ends a word of an item: spaces, a comma, or the colon after a key of JSON. */
const wordEnd = /(?<=[\s,](?![\s,])|":)/

/** The parts of an item that is wider than a line: its words, which are broken where they are too wide themselves. */
const partsOf = (item: string, width: number): ReadonlyArray<string> =>
  item
    .split(wordEnd)
    .flatMap((word) => (widthOf(word.trimEnd()) > width ? broken(word, width) : [word]))

/** The lines of a cell: an item stays whole where it fits a line, and otherwise its words do. */
export const wrapItems = (
  items: ReadonlyArray<string>,
  separator: string,
  width: number,
): ReadonlyArray<string> => {
  const parts = items.map((item, index) =>
    index === items.length - 1 ? item : `${item}${separator}`,
  )
  const isFitting = (part: string) => widthOf(part.trimEnd()) <= width
  return filled(
    parts.flatMap((part) => (isFitting(part) ? [part] : partsOf(part, width))),
    width,
  )
}

/**
 * The lines of a sentence, further in from the second one on. A word that is too wide stays whole,
 * because a terminal copies a line that it broke itself as one.
 */
export const wrapLine = (text: string, width: Width): ReadonlyArray<string> => {
  if (width === undefined || widthOf(text) <= width) return [text]
  const margin = /^ */.exec(text)?.[0] ?? ""
  const words = text.trimStart().match(/\S+\s*/g) ?? []
  const [first = "", ...rest] = filled(words, width - margin.length)
  if (rest.length === 0) return [text]
  const inner = `${margin}  `
  const others = filled(words.slice(wordsIn(first)), width - inner.length)
  return [`${margin}${first}`, ...others.map((line) => `${inner}${line}`)]
}

const wordsIn = (line: string): number => line.match(/\S+/g)?.length ?? 0
