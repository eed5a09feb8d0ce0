import { expect, it } from "vitest"
import { ofHost } from "../src/transaction/HostFailure.ts"

const withCode = (code: string, message = "") => Object.assign(new Error(message), { code })

it.each([
  ["pg", withCode("55P03"), { code: "log_busy", isRetryable: true }],
  ["Drizzle", new Error("Failed query", { cause: withCode("40P01") }), { code: "log_busy" }],
  [
    "Prisma",
    Object.assign(withCode("P2010"), { meta: { code: "40001" } }),
    { code: "log_busy", isRetryable: true },
  ],
  [
    "an adapter of Prisma",
    Object.assign(withCode("P2010"), {
      meta: { driverAdapterError: { cause: { originalCode: "55P03" } } },
    }),
    { code: "log_busy" },
  ],
  ["a role without grants", withCode("42501"), { code: "denied", isRetryable: false }],
  ["another database", withCode("3F000"), { code: "invalid_input", field: "in" }],
  ["contents", withCode("22P05"), { code: "invalid_input", field: "properties" }],
  ["a server that ends", withCode("57P01"), { code: "unavailable", isRetryable: true }],
  ["a transaction that has failed", withCode("25P02"), { code: "failed", isRetryable: false }],
  ["a text", "no", { code: "failed", message: "The transaction could not append: no" }],
])("tells what %s says by a code of its own, and keeps it", (_, cause, told) => {
  const error = ofHost(cause)
  expect(error).toMatchObject(told)
  expect(error.cause).toBe(cause)
  expect(ofHost(error)).toBe(error)
})
