import { existsSync, readdirSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import ClosingReporter from "@onymous/tidy/testing/ClosingReporter"

const home = join(import.meta.dirname, "packages")

/** One project a package, called what the package is called: `--project @onymous/log`. */
const projects = readdirSync(home)
  .filter((folder) => existsSync(join(home, folder, "package.json")))
  .map((folder) => ({
    extends: true as const,
    test: {
      name: String(JSON.parse(readFileSync(join(home, folder, "package.json"), "utf8")).name),
      root: join(home, folder),
      include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    },
  }))

export default defineConfig({
  // Beside the packages, a cache would make each of them a node_modules of its own.
  cacheDir: join(import.meta.dirname, "node_modules", ".vite"),
  test: {
    projects,
    globalSetup: [join(home, "tidy", "src", "testing", "PostgresSetup.ts")],
    // Most tests wait for a database or another process: one worker less than cores would idle.
    maxWorkers: availableParallelism(),
    reporters: ["default", new ClosingReporter()],
    // Processes that tests start share what they compiled: without it each compiles all modules again.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".compile-cache") },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
