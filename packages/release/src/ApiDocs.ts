import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { home, pathOf } from "./WorkspacePackage.ts"

/** It reads programs by an interface that the compiler in use does not have any more, so it brings one that has. */
const tools = ["typedoc@0.28.20", "typescript@6.0.3"]

/** Writes the documentation of the library's code, and answers with its first page. */
export const write = (): string => {
  const packages = tools.map((tool) => `--package=${tool}`)
  const options = join(pathOf("release"), "typedoc.json")
  const { status } = spawnSync(
    "npm",
    ["exec", "--yes", ...packages, "--", "typedoc", "--options", options],
    { cwd: home, stdio: ["ignore", 2, 2] },
  )
  if (status !== 0) throw new Error("The documentation could not be written.")
  return join(pathOf("release"), "dist", "docs", "index.html")
}
