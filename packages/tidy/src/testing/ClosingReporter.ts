import { relative } from "node:path"
import type { Reporter, SerializedError, TestModule } from "vitest/node"
import * as Machine from "./Machine.ts"

/** The counts of a run. */
export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Counts tests; files that did not load and stray errors count as failures. */
export const outcomeOf = (
  modules: ReadonlyArray<Pick<TestModule, "errors" | "children">>,
  strayErrors: number,
): Outcome => {
  let [passed, failed, skipped] = [0, strayErrors, 0]
  for (const module of modules) {
    failed += module.errors().length > 0 ? 1 : 0
    for (const suite of module.children.allSuites()) failed += suite.errors().length > 0 ? 1 : 0
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === "passed") passed += 1
      else if (state === "failed") failed += 1
      else skipped += 1
    }
  }
  return { passed, failed, skipped }
}

/**
 * The last line of a run. A run with a bad exit code has failed, even without a failure to count.
 */
export const lastLine = ({ passed, failed, skipped }: Outcome, exitCode: number): string => {
  const failures = exitCode === 0 ? failed : Math.max(failed, 1)
  return `${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

/**
 * Prints at the end the suites that could not run here, and the counts of passed and failed tests.
 */
export default class ClosingReporter implements Reporter {
  #outcome: Outcome = { passed: 0, failed: 0, skipped: 0 }
  // Before a run has ended, any suite may still miss something.
  #suites = Machine.suites()

  onInit(): void {
    // The lines are printed at the exit, after the other reporters and the end of Postgres.
    process.once("exit", (code) => {
      const lines = [...Machine.missing(this.#suites), lastLine(this.#outcome, code)]
      process.stdout.write(`\n${lines.join("\n")}\n`)
    })
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    unhandled: ReadonlyArray<SerializedError>,
  ): void {
    this.#outcome = outcomeOf(modules, unhandled.length)
    this.#suites = modules.map(({ moduleId }) => relative(Machine.home, moduleId)).toSorted()
  }
}
