const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

const digitOf = new Uint8Array(128)
for (const [digit, char] of [...alphabet].entries()) digitOf[char.charCodeAt(0)] = digit

const bitsPerDigit = 6

/** Reads numbers of bits from base64, the lowest bit first; any other character counts as 0. */
const reader = (text: string) => {
  let index = 0
  let digit = 0
  let bitsLeft = 0
  return {
    isAtEnd: (): boolean => bitsLeft === 0 && index >= text.length,
    read: (bits: number): number => {
      let value = 0
      for (let bit = 0; bit < bits; bit++) {
        if (bitsLeft === 0) {
          digit = digitOf[text.charCodeAt(index++)] ?? 0
          bitsLeft = bitsPerDigit
        }
        bitsLeft--
        value |= ((digit >> bitsLeft) & 1) << bit
      }
      return value
    },
  }
}

/** The codes for a new character of 8 bits, for one of 16 bits, and for the end. */
const codes = { narrow: 0, wide: 1, end: 2 } as const

/** Why a text was not unpacked. */
export type Refusal = "broken" | "too long"

/**
 * Unpacks the output of lz-string's `compressToBase64`, which posthog-js of 2022 sends (`lz64`); stops beyond
 * `lengthMax` characters, so that a compression bomb is refused before it is unpacked whole.
 */
export const unpack = (
  packed: string,
  lengthMax: number,
): { readonly text: string } | { readonly refusal: Refusal } => {
  const input = reader(packed.replace(/=+$/, ""))
  const entries: Array<string> = ["", "", ""]
  const output: Array<string> = []
  let length = 0
  let previous = ""
  let width = 2
  while (!input.isAtEnd()) {
    let code = input.read(width)
    if (code === codes.end) return { text: output.join("") }
    if (code === codes.narrow || code === codes.wide) {
      const char = String.fromCharCode(input.read(code === codes.narrow ? 8 : 16))
      code = entries.push(char) - 1
      width = widthFor(entries.length + (previous === "" ? 0 : 1))
    }
    const entry = entries[code] ?? (code === entries.length ? previous + previous.charAt(0) : "")
    if (entry === "") return { refusal: "broken" }
    length += entry.length
    if (length > lengthMax) return { refusal: "too long" }
    output.push(entry)
    if (previous !== "") entries.push(previous + entry.charAt(0))
    previous = entry
    width = widthFor(entries.length + 1)
  }
  return { refusal: "broken" }
}

/** The number of bits for codes below `count`; at least three. */
const widthFor = (count: number): number => Math.max(3, 32 - Math.clz32(count - 1))
