import { it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Upgrade from "./upgrade.ts"

it.live(
  "a directory of 0.1.0 is opened: its log is kept, and what was derived is derived again",
  () =>
    Effect.gen(function* () {
      const directory = mkdtempSync(join(tmpdir(), "onymous-upgrade-"))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => rmSync(directory, { recursive: true, force: true })),
      )
      yield* Upgrade.fill(directory)
      yield* Upgrade.opened(directory)
    }),
  300_000,
)
