import { expect, it } from "vitest"
import * as ReadmeLinks from "../src/ReadmeLinks.ts"

const text =
  "[table](CAPABILITIES.md#top) [code](src/Onymous.ts) [up](../../README.md) [site](https://example.org) [here](#here)"
const place = { folder: "packages/onymous", packed: new Set(["CAPABILITIES.md"]) }

it("a link to what is packed stays, and one to what is not leads to the repository", () => {
  expect(ReadmeLinks.told(text, { ...place, shown: "https://example.org/tree/" })).toBe(
    "[table](CAPABILITIES.md#top) [code](https://example.org/tree/packages/onymous/src/Onymous.ts) " +
      "[up](https://example.org/tree/README.md) [site](https://example.org) [here](#here)",
  )
})

it("where no repository is known, such a link is its words", () => {
  expect(ReadmeLinks.told(text, { ...place, shown: undefined })).toBe(
    "[table](CAPABILITIES.md#top) code up [site](https://example.org) [here](#here)",
  )
})
