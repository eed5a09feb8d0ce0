import type { Digest } from "./Bits128.ts"
import * as Digests from "./Bits128.ts"
import { Utf8 } from "./Utf8Buffer.ts"

const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

const [c1, c2, c3, c4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93]

/** One word of the text, ready to be mixed in. */
const scrambled = (word: number, by: number, bits: number, then: number): number =>
  Math.imul(rotated(Math.imul(word, by), bits), then)

/** Spreads each bit of a word over all of it. */
const spread = (word: number): number => {
  const a = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return b ^ (b >>> 16)
}

const utf8 = new Utf8()

/**
 * MurmurHash3_x86_128 of a text's UTF-8 bytes, Austin Appleby's public function as it is published; it
 * goes on from `seed`, whose four words are one number there.
 */
export const of = (text: string, seed: Digest = Digests.zero): Digest => {
  const length = utf8.write(text, 16, 0)
  const { view } = utf8
  let { first: h1, second: h2, third: h3, fourth: h4 } = seed
  let at = 0
  for (; at + 16 <= length; at += 16) {
    h1 ^= scrambled(view.getInt32(at, true), c1, 15, c2)
    h1 = (Math.imul((rotated(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
    h2 ^= scrambled(view.getInt32(at + 4, true), c2, 16, c3)
    h2 = (Math.imul((rotated(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
    h3 ^= scrambled(view.getInt32(at + 8, true), c3, 17, c4)
    h3 = (Math.imul((rotated(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
    h4 ^= scrambled(view.getInt32(at + 12, true), c4, 18, c1)
    h4 = (Math.imul((rotated(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  }
  if (at < length) {
    // What is missing of the last block is 0, which changes nothing.
    h1 ^= scrambled(view.getInt32(at, true), c1, 15, c2)
    h2 ^= scrambled(view.getInt32(at + 4, true), c2, 16, c3)
    h3 ^= scrambled(view.getInt32(at + 8, true), c3, 17, c4)
    h4 ^= scrambled(view.getInt32(at + 12, true), c4, 18, c1)
  }
  return finished(h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length)
}

const finished = (h1: number, h2: number, h3: number, h4: number): Digest => {
  const sum = (h1 + h2 + h3 + h4) | 0
  const a = spread(sum)
  const [b, c, d] = [spread((h2 + sum) | 0), spread((h3 + sum) | 0), spread((h4 + sum) | 0)]
  const first = (a + b + c + d) | 0
  return { first, second: (b + first) | 0, third: (c + first) | 0, fourth: (d + first) | 0 }
}
