/** 128 bits as four words of 32, signed as JavaScript's bitwise operators have them. */
export interface Digest {
  readonly first: number
  readonly second: number
  readonly third: number
  readonly fourth: number
}

/** 128 bits that are 0. */
export const zero: Digest = { first: 0, second: 0, third: 0, fourth: 0 }

/** How a digest is written. */
export interface Layout {
  /** Where each of the eight groups of four digits begins. */
  readonly places: ReadonlyArray<number>
  /** The codes of all characters; those of the digits are overwritten by each text. */
  readonly codes: Array<number>
}

/** Eight groups of four digits among other characters. */
export const layout = (blank: string, places: ReadonlyArray<number>): Layout => ({
  places,
  codes: Array.from(blank, (character) => character.charCodeAt(0)),
})

const plain = layout("0".repeat(32), [0, 4, 8, 12, 16, 20, 24, 28])

/**
 * The hexadecimal digits, as a layout has them. The text is made of its characters at once: one that is
 * put together of parts would keep all of them in memory.
 */
export const toText = (digest: Digest, { places, codes }: Layout = plain): string => {
  for (let group = 0; group < 8; group++) {
    const { first, second, third, fourth } = digest
    const word = group < 2 ? first : group < 4 ? second : group < 6 ? third : fourth
    const half = group % 2 === 0 ? word >>> 16 : word
    const at = places[group] ?? 0
    codes[at] = digitOf(half >>> 12)
    codes[at + 1] = digitOf(half >>> 8)
    codes[at + 2] = digitOf(half >>> 4)
    codes[at + 3] = digitOf(half)
  }
  return String.fromCharCode(...codes)
}

/** The character code of the lowest four bits: `0` is 48, and `a` is 97. */
const digitOf = (bits: number): number => {
  const value = bits & 15
  return value < 10 ? 48 + value : 87 + value
}

const wordAt = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 8), 16) | 0

/** Reads 32 hexadecimal digits. */
export const fromText = (text: string): Digest => ({
  first: wordAt(text, 0),
  second: wordAt(text, 8),
  third: wordAt(text, 16),
  fourth: wordAt(text, 24),
})
