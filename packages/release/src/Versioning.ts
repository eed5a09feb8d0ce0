import { spawnSync } from "node:child_process"
import { globSync, rmSync } from "node:fs"
import { join } from "node:path"
import { home } from "./WorkspacePackage.ts"

const run = (folder: string, command: string, ...words: ReadonlyArray<string>): void => {
  const { status } = spawnSync(command, words, { cwd: folder, stdio: ["ignore", 2, 2] })
  if (status !== 0) throw new Error(`${[command, ...words].join(" ")} ended with ${status}.`)
}

/**
 * Gives all packages of a project the next version, and the library's changelog what its changes say: the changelog of
 * any other package would say nothing.
 */
export const next = (folder: string): void => {
  run(
    folder,
    process.execPath,
    join(home, "node_modules", "@changesets", "cli", "bin.js"),
    "version",
  )
  for (const path of globSync("packages/*/CHANGELOG.md", { cwd: folder })) {
    if (path !== join("packages", "onymous", "CHANGELOG.md")) rmSync(join(folder, path))
  }
}

/** Has the lock file name the versions of the packages. */
export const lock = (folder: string): void =>
  run(folder, "npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit")
