import { existsSync, readdirSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import ClosingReporter from "@onymous/tidy/testing/ClosingReporter"

const home = join(import.meta.dirname, "packages")

const testing = join(home, "tidy", "src", "testing")

/** True for a package whose tests may open an embedded database. */
const hasDatabase = ({ dependencies = {}, devDependencies = {} }) =>
  ["@onymous/database", "@electric-sql/pglite", "onymous"].some(
    (name) => name in dependencies || name in devDependencies,
  )

/** One project a package, called what the package is called: `--project @onymous/log`. */
const projects = readdirSync(home)
  .filter((folder) => existsSync(join(home, folder, "package.json")))
  .map((folder) => {
    const described = JSON.parse(readFileSync(join(home, folder, "package.json"), "utf8"))
    return {
      extends: true as const,
      test: {
        name: String(described.name),
        root: join(home, folder),
        include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
        setupFiles: hasDatabase(described) ? [join(testing, "PgliteCopies.ts")] : [],
      },
    }
  })

export default defineConfig({
  // Beside the packages, a cache would make each of them a node_modules of its own.
  cacheDir: join(import.meta.dirname, "node_modules", ".vite"),
  test: {
    projects,
    globalSetup: ["PostgresSetup.ts", "PgliteSetup.ts", "CommandSetup.ts"].map((name) =>
      join(testing, name),
    ),
    // Most tests wait for a database or another process: one worker less than cores would idle.
    maxWorkers: availableParallelism(),
    reporters: ["default", new ClosingReporter()],
    // Processes that tests start share what they compiled: without it each compiles all modules again.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".compile-cache") },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
