import { describe, expect, it } from "vitest"
import { fitted } from "../src/output/Answer.ts"
import { visible } from "../src/output/VisibleText.ts"

/** All characters that could move the cursor, turn the line round, or hide. */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

describe("text of events on a terminal", () => {
  it.each([
    ["a direction", "abc\u202Egnp.exe", "abc\\u202egnp.exe"],
    ["an isolate", "\u2066a\u2069", "\\u2066a\\u2069"],
    ["a control", "\u001B[2Jx\u0007", "\\u001b[2Jx\\u0007"],
    ["a control of the second set", "\u009B31m", "\\u009b31m"],
    ["the end of a line", "a\nb\r\tc", "a\\nb\\r\\tc"],
    ["a separator of lines", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["a space without width", "ann\u200B", "ann\\u200b"],
    ["a letter that looks like nothing", "ann\u3164", "ann\\u3164"],
    ["a selector after a letter", "a\uFE0F", "a\\ufe0f"],
    ["a tag", "\u{E0067}", "\\udb40\\udc67"],
    ["half a character", "\uD83D!", "\\ud83d!"],
  ])("%s is escaped as in JSON", (_, text, shown) => {
    expect(visible(text)).toBe(shown)
    expect(visible(shown)).toBe(shown)
  })

  it("letters of all languages, marks and emoji stay", () => {
    for (const text of ["Łódź", "李小龙", "مرحبا", "नमस्ते", "Zoe\u0308", "👩‍👩‍👧", "☎️", "👍🏽", "🇩🇪"]) {
      expect(visible(text)).toBe(text)
    }
  })

  it("no character of Unicode that moves, turns or hides gets through", () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      const text = `a${String.fromCodePoint(code)}b`
      if (dangerous.test(text)) expect(dangerous.test(visible(text)), `${code}`).toBe(false)
    }
  })

  it("is escaped in every line of an answer, so that an id makes no line of its own", () => {
    expect(fitted(["x\ny", "\u202E"], 80)).toEqual(["x\\ny", "\\u202e"])
  })

  it("a sentence goes on further in, between two words", () => {
    expect(fitted(["  one two three"], 11)).toEqual(["  one two", "    three"])
    const word = "w".repeat(30)
    expect(fitted([`see ${word} there`], 20)).toEqual(["see", `  ${word}`, "  there"])
    expect(fitted([`see ${word} there`], undefined)).toEqual([`see ${word} there`])
  })
})
