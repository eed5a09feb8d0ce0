import { expect, it } from "@effect/vitest"
import * as Bits128 from "../src/encoding/Bits128.ts"
import * as Murmur3 from "../src/encoding/Murmur3.ts"

const hashOf = (text: string, seed = 0) =>
  Bits128.toText(Murmur3.of(text, { first: seed, second: seed, third: seed, fourth: seed }))

it.each([
  ["", 0, "00000000000000000000000000000000"],
  ["", 1, "88c4adec54d201b954d201b954d201b9"],
  ["0", 0, "0ab2409ea5eb34f8a5eb34f8a5eb34f8"],
  ["01", 0, "0f87acb4674f3b21674f3b21674f3b21"],
  ["hello", 0, "2b2444a0db91def79adb31b69adb31b6"],
  ["Hello, world!", 123, "61c9129e5a1aacd7a41621629e37c886"],
  ["0123456789abcdef", 0, "fb7d440936aed30a48ad1d9b572b3bfd"],
  ["I will not buy this record, it is scratched.", 0, "a0a9683b25ac5e40d9af2895890dddf5"],
  ["I will not buy this tobacconist's, it is scratched.", 0, "9b5b7ba2ef3f7866889adeaf00f3f98e"],
  ["The quick brown fox jumps over the lazy dog", 0x9747b28c, "8ad4d55e4cb861718ea73a9ccdb6793e"],
  ["Grüße, 世界 🌍", 0, "6af240c3adb1cf616c6812f9fef37c23"],
])("of %j from %i on is the one that others compute", (text, seed, expected) => {
  expect(hashOf(text, seed)).toBe(expected)
})

it("does not ask which text came before", () => {
  const hash = hashOf("ann")
  hashOf("longer than any room for texts".repeat(1000))
  expect(hashOf("ann")).toBe(hash)
})
