import { spawnSync } from "node:child_process"
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { home } from "./WorkspacePackage.ts"

const run = (folder: string, command: string, ...words: ReadonlyArray<string>): void => {
  const { status } = spawnSync(command, words, { cwd: folder, stdio: ["ignore", 2, 2] })
  if (status !== 0) throw new Error(`${[command, ...words].join(" ")} ended with ${status}.`)
}

/** Has the examples, which are no packages of the workspace, ask for the library's version. */
const followed = (folder: string): void => {
  const library = readFileSync(join(folder, "packages", "onymous", "package.json"), "utf8")
  const { version } = JSON.parse(library)
  for (const name of globSync("packages/examples/*/package.json", { cwd: folder })) {
    const path = join(folder, name)
    const text = readFileSync(path, "utf8")
    writeFileSync(path, text.replace(/"onymous": "[^"]*"/, `"onymous": "${version}"`))
  }
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
  followed(folder)
}

/** Has the lock file name the versions of the packages. */
export const lock = (folder: string): void =>
  run(folder, "npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit")
