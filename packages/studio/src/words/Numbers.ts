const number = new Intl.NumberFormat("en")

/** A number as it is read: 1,184. */
export const numberText = (value: number): string => number.format(value)

/** A position as it is named: #1,184. */
export const positionText = (position: number): string => `#${number.format(position)}`

/** A count with its noun: 1 event, 2 events. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${number.format(count)} ${count === 1 ? one : many}`

const small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

/** A small count in words, with its noun: two events. */
export const countInWords = (count: number, one: string, many = `${one}s`): string =>
  `${small[count] ?? number.format(count)} ${count === 1 ? one : many}`

/** The same at the beginning of a sentence. */
export const Counted = (count: number, one: string, many?: string): string => {
  const text = countInWords(count, one, many)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Names in a row: a, b and c. */
export const listText = (names: ReadonlyArray<string>): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

/** A size in bytes as it is read. */
export const sizeText = (bytes: number): string =>
  bytes < 1000 ? `${bytes} B` : `${number.format(Math.round(bytes / 1000))} kB`
