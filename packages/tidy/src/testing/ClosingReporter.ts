import { relative } from "node:path"
import type { Reporter, SerializedError, TestModule } from "vitest/node"
import * as Machine from "./Machine.ts"

/** How a run ended. */
export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** What is counted is tests, and as failures also files that did not load and stray errors. */
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

/** A run that ends badly has failed, also where nothing was there to count. */
export const lastLine = ({ passed, failed, skipped }: Outcome, exitCode: number): string => {
  const failures = exitCode === 0 ? failed : Math.max(failed, 1)
  return `${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

/** Says in the last lines what could not run here, and how many tests passed and failed. */
export default class ClosingReporter implements Reporter {
  #outcome: Outcome = { passed: 0, failed: 0, skipped: 0 }
  // Until a run has ended, all suites are waiting for what is missing.
  #suites = Machine.suites()

  onInit(): void {
    // At the exit: the other reporters, and the end of Postgres, may still have words to say.
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
