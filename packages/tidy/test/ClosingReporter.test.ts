import { describe, expect, it } from "vitest"
import { lastLine, outcomeOf } from "../src/testing/ClosingReporter.ts"
import * as Machine from "../src/testing/Machine.ts"

describe("ClosingReporter", () => {
  it("counts stray errors as failures", () => {
    expect(outcomeOf([], 2)).toEqual({ passed: 0, failed: 2, skipped: 0 })
  })

  it("closes with the numbers, and names what was skipped only when something was", () => {
    expect(lastLine({ passed: 3, failed: 0, skipped: 0 }, 0)).toBe("3 passed, 0 failed")
    expect(lastLine({ passed: 3, failed: 1, skipped: 2 }, 1)).toBe("3 passed, 1 failed, 2 skipped")
  })

  it("never says that nothing failed when the run did", () => {
    expect(lastLine({ passed: 0, failed: 0, skipped: 0 }, 1)).toBe("0 passed, 1 failed")
  })
})

describe("Machine", () => {
  const need = (isMet: boolean): Machine.Need => ({
    what: "a Postgres server",
    remedy: "install one",
    isMet: () => isMet,
    isOf: (suite) => suite.endsWith(".integration.test.ts"),
  })
  const suites = ["a.test.ts", "b.integration.test.ts"]

  it("names the suites that cannot run for want of something, and the remedy", () => {
    expect(Machine.missing(suites, [need(false)])).toEqual([
      "Not run, for want of a Postgres server (install one):",
      "  b.integration.test.ts",
    ])
  })

  it("is silent where the machine has everything, or no suite wants it", () => {
    expect(Machine.missing(suites, [need(true)])).toEqual([])
    expect(Machine.missing(["a.test.ts"], [need(false)])).toEqual([])
  })
})
