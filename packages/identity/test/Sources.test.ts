import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, it } from "vitest"

const packages = resolve(import.meta.dirname, "..", "..")

const citation =
  /\b(?:(?:SPEC|DESIGN) §\d+(?:\.\d+)?|posthog\.md §\d+(?:\.\d+)?|P\d{1,2}\b(?!\.\d))/g

const citationsIn = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(citation), ([found]) => found)

it("whatever a comment names as a rule's source is said in SOURCES.md", () => {
  const page = resolve(import.meta.dirname, "..", "SOURCES.md")
  const known = new Set(citationsIn(readFileSync(page, "utf8")))
  const files = globSync(["*/{src,test}/**/*.{ts,tsx}", "*/*.md"], { cwd: packages })
  const cited = files.flatMap((file) =>
    citationsIn(readFileSync(resolve(packages, file), "utf8")).map((source) => ({ file, source })),
  )
  expect(cited.length).toBeGreaterThan(100)
  expect(cited.filter(({ source }) => !known.has(source))).toEqual([])
})
