import { expect, it } from "vitest"
import { SqlError } from "effect/sql"
import { causeText } from "../src/ErrorText.ts"

it("a database's own words are told, each once", () => {
  const words = new Error("relation persons_7 does not exist")
  const reason = new SqlError.UnknownError({ cause: words, message: "Query failed" })
  expect(causeText(new SqlError.SqlError({ reason }))).toBe(
    "Query failed: relation persons_7 does not exist",
  )
})

it("what is no error is told as it is, and one that caused itself once", () => {
  expect(causeText("no words")).toBe("no words")
  const circle = new Error("again")
  circle.cause = circle
  expect(causeText(circle)).toBe("again")
})
