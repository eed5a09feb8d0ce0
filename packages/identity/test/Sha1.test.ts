import { expect, it } from "@effect/vitest"
import * as Bits128 from "../src/encoding/Bits128.ts"
import * as Sha1 from "../src/encoding/Sha1.ts"

it.each([
  ["abc", "a9993e364706816aba3e25717850c26c"],
  ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5"],
  ["a".repeat(1_000_000), "34aa973cd4c4daa4f61eeb2bdbad2731"],
  ["01234567".repeat(80), "dea356a2cddd90c7a7ecedc5ebb56393"],
  ["", "da39a3ee5e6b4b0d3255bfef95601890"],
])("a text of RFC 3174 has the digest that is told there", (text, digest) => {
  expect(Bits128.toText(Sha1.of(text))).toBe(digest)
})
