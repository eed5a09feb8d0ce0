import { readdirSync, readFileSync } from "node:fs"
import { extname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"

const dist = join(import.meta.dirname, "..", "dist")
const files = readdirSync(join(dist, "studio")).map((name) => ({
  name,
  bytes: readFileSync(join(dist, "studio", name)),
}))

const page = readFileSync(join(dist, "index.html"), "utf8")

const ofKind = (...kinds: ReadonlyArray<string>) =>
  files.filter(({ name }) => kinds.includes(extname(name)))

/** The size that goes over the wire, in kilobytes. */
const packed = (some: ReadonlyArray<{ readonly bytes: Uint8Array }>): number =>
  some.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0) / 1000

describe("what was built", () => {
  it("is small: the first paint needs a fourth of it, and most visits never need the engine of patterns", () => {
    const scripts = ofKind(".js")
    const patterns = scripts.filter(({ bytes }) => bytes.includes("RE2JS"))
    const first = scripts.filter(({ name }) => page.includes(name))
    expect(first.length).toBeGreaterThan(0)
    expect(packed(first)).toBeLessThan(80)
    expect(patterns.length).toBeGreaterThan(0)
    expect(patterns.some(({ name }) => page.includes(name))).toBe(false)
    expect(packed(scripts)).toBeLessThan(285)
    expect(packed(ofKind(".css"))).toBeLessThan(8)
    expect(ofKind(".woff2").reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(53_000)
  })

  it("needs nothing of Node", () => {
    for (const { name, bytes } of ofKind(".js")) {
      const needed = /(?:from|import)\s*\(?\s*["'`]node:[^"'`]+/.exec(bytes.toString())?.[0]
      expect({ name, needed }).toEqual({ name, needed: undefined })
    }
  })

  it("has nothing inline", () => {
    expect(page).not.toMatch(/<script(?![^>]*src=)|<style| style=| on\w+=/)
  })
})
