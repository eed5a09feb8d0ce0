import { Effect, type Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** An empty directory that is gone when the scope closes. */
export const make: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "onymous-database-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true })),
)
