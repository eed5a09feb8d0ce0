import { expect, it } from "vitest"
import { SqlError } from "effect/sql"
import { causeText, innermostText } from "../src/ErrorText.ts"

it("a database's own words are told, each once", () => {
  const words = new Error("relation persons_7 does not exist")
  const reason = new SqlError.UnknownError({ cause: words, message: "Query failed" })
  expect(causeText(new SqlError.SqlError({ reason }))).toBe(
    "Query failed: relation persons_7 does not exist",
  )
})

it("what is no error is told as it is, and one that caused itself once", () => {
  expect(causeText("no words")).toBe("no words")
  expect(causeText({ field: "policy", expected: "a preset" })).toBe(
    '{"field":"policy","expected":"a preset"}',
  )
  expect(causeText({ left: 1n })).toBe('{"left":"1"}')
  expect(causeText(Object.create(null))).toBe("{}")
  const loop: Record<string, unknown> = { field: "policy" }
  loop["loop"] = loop
  expect(causeText(loop)).toBe("an object with field, loop")
  const circle = new Error("again")
  circle.cause = circle
  expect(causeText(circle)).toBe("again")
})

it("the innermost cause is the network's first try, and what has no words is passed over", () => {
  const refused = new Error("connect ECONNREFUSED 127.0.0.1:1")
  const tries = new AggregateError([refused, new Error("connect ECONNREFUSED ::1:1")])
  const error = new Error("Failed to connect", { cause: new Error("", { cause: tries }) })
  expect(innermostText(error)).toBe("connect ECONNREFUSED 127.0.0.1:1")
  expect(causeText(error)).toBe("Failed to connect: connect ECONNREFUSED 127.0.0.1:1")
  expect(innermostText("no words")).toBe("no words")
})
