import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { survivesKills } from "./KillContract.ts"

const timeout = 1_200_000

it(
  "on PGlite, kill -9 again and again under load: nothing answered is lost or doubled",
  { timeout },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "onymous-kill-"))
    await survivesKills(["--data-dir", directory])
    rmSync(directory, { recursive: true })
    expect.hasAssertions()
  },
)
