// Installs what the lock file names, where it is not installed yet. Plain JavaScript:
// it runs on the Node of the machine, before the project's own Node is there.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"

const installed = "node_modules/.onymous-installed"
const wanted = readFileSync("package-lock.json", "utf8")
const upToDate = existsSync(installed) && readFileSync(installed, "utf8") === wanted

if (!upToDate) {
  console.error("Installing what package-lock.json names …")
  const npm = process.platform === "win32" ? "npm.cmd" : "npm"
  const result = spawnSync(npm, ["ci", "--loglevel=error"], { stdio: ["ignore", 2, 2] })
  if (result.status !== 0) process.exit(result.status ?? 1)
  writeFileSync(installed, wanted)
}
