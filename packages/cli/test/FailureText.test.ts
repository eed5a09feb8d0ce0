import { describe, expect, it } from "vitest"
import { failureText } from "../src/output/FailureText.ts"

describe("a failure on standard error", () => {
  it("is its message for people, with what would move the cursor escaped", () => {
    expect(failureText("Nobody was ever called a\u202Eb.\nAsk again.", false)).toBe(
      "Nobody was ever called a\\u202eb.\nAsk again.",
    )
  })

  it("is one line of JSON under --json, with the name of what was refused and what was expected", () => {
    const text = failureText("--at: expected a point\nin the past", true, "invalid_input")
    expect(text).not.toContain("\n")
    expect(JSON.parse(text)).toEqual({
      error: {
        code: "invalid_input",
        message: "--at: expected a point\nin the past",
        field: "--at",
        expected: "a point\nin the past",
      },
    })
    expect(JSON.parse(failureText("Cancelled.", true, "cancelled"))).toEqual({
      error: { code: "cancelled", message: "Cancelled." },
    })
    expect(JSON.parse(failureText("What we expected: expected nothing", true))).toEqual({
      error: { code: "failed", message: "What we expected: expected nothing" },
    })
  })
})
