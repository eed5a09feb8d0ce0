import type { Digest } from "./Bits128.ts"
import { Utf8 } from "./Utf8Buffer.ts"

const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

/** The words of a block, and those that are made of them. */
const words = new Int32Array(80)

const wordAt = (at: number): number => words[at] ?? 0

/** What a round makes of three of its five words, with its constant. */
const mixed = (round: number, b: number, c: number, d: number): number => {
  if (round < 20) return ((d ^ (b & (c ^ d))) + 0x5a827999) | 0
  if (round < 40) return ((b ^ c ^ d) + 0x6ed9eba1) | 0
  if (round < 60) return (((b & c) | (d & (b | c))) + 0x8f1bbcdc) | 0
  return ((b ^ c ^ d) + 0xca62c1d6) | 0
}

/**
 * The first 128 bits of the SHA-1 (RFC 3174) of a text behind a prefix. It is spelled out here because
 * a platform's own takes longer for a short text, or cannot be asked without waiting.
 */
export const of = (text: string, utf8: Utf8 = new Utf8()): Digest => {
  const length = utf8.write(text, 64, 9)
  const { view } = utf8
  view.setUint8(length, 0x80)
  const end = Math.ceil((length + 9) / 64) * 64
  // A length in bits takes 64 of them, of which no text needs more than the last 32.
  view.setInt32(end - 4, length * 8)
  let [first, second, third, fourth] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476]
  let fifth = 0xc3d2e1f0 | 0
  for (let block = 0; block < end; block += 64) {
    let a = first
    let b = second
    let c = third
    let d = fourth
    let e = fifth
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block + at * 4)
    for (let round = 0; round < 80; round++) {
      if (round >= 16) {
        const four = wordAt(round - 3) ^ wordAt(round - 8) ^ wordAt(round - 14) ^ wordAt(round - 16)
        words[round] = rotated(four, 1)
      }
      const next = (rotated(a, 5) + mixed(round, b, c, d)) | 0
      const added = (e + wordAt(round)) | 0
      e = d
      d = c
      c = rotated(b, 30)
      b = a
      a = (next + added) | 0
    }
    first = (first + a) | 0
    second = (second + b) | 0
    third = (third + c) | 0
    fourth = (fourth + d) | 0
    fifth = (fifth + e) | 0
  }
  return { first, second, third, fourth }
}
