import { expect, it } from "@effect/vitest"
import * as LzString from "../src/capture/LzString.ts"

// Packed with lz-string 1.5.0.
const packed =
  "N4IghgDglg+g1gUwJ4gFwggCwMYwPYBmMEATngFYLYAuMAjCADQgBGY12maA2qAgG4IAdtTQgETEABMoAZ2pQhNGFCliwAAkB8G4GRdjQC8wgH0AAz4CFAQOCAIAL6M+gkWInMZ8xctViWNgLrWgA==="
const text =
  '{"api_key":"phc_of_project_1","batch":[{"event":"e","distinct_id":"a 🤓 zażółć"},{"event":"e","distinct_id":"b"}]}'

it("what lz-string packed is unpacked, whatever its characters", () => {
  expect(LzString.unpack(packed, 1000)).toEqual({ text })
  expect(LzString.unpack(packed.replace(/=+$/, ""), 1000)).toEqual({ text })
})

it("a bomb is refused before it goes off, and half a text is not taken for a whole one", () => {
  expect(LzString.unpack(packed, text.length - 1)).toEqual({ refusal: "too long" })
  expect(LzString.unpack(packed.slice(0, 40), 1000)).toEqual({ refusal: "broken" })
  expect(LzString.unpack("", 1000)).toEqual({ refusal: "broken" })
  expect(LzString.unpack("A".repeat(1000), 10)).toEqual({ refusal: "too long" })
})
