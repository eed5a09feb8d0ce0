import { spawnSync } from "node:child_process"
import { join } from "node:path"

const build = join(import.meta.dirname, "..", "..", "..", "cli", "build", "build.mjs")

/** Builds the command that tests run as it is installed; where no source has changed since, the build does nothing. */
export default function setup(): void {
  const { status } = spawnSync(process.execPath, [build], { stdio: "inherit" })
  if (status !== 0) throw new Error("The command could not be built.")
}
