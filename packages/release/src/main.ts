import { join } from "node:path"
import * as Staging from "./Staging.ts"
import * as Tarballs from "./Tarballs.ts"
import { pathOf } from "./WorkspacePackage.ts"

const dist = join(pathOf("release"), "dist")

const size = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`

/** Makes the packages and their tarballs, and says how large each is. */
const build = (): void => {
  const staged = Staging.stageAll(join(dist, "packages"))
  for (const { name, path, size: packed, unpackedSize } of Tarballs.pack(
    staged,
    join(dist, "tarballs"),
  )) {
    console.log(
      `${name.padEnd(22)} ${size(packed).padStart(8)} packed, ${size(unpackedSize).padStart(8)} installed, ${path}`,
    )
  }
}

const tasks: Readonly<Record<string, () => void>> = { build }

const task = tasks[process.argv[2] ?? ""]
if (task === undefined) {
  console.error(`Expected one of: ${Object.keys(tasks).join(", ")}.`)
  process.exitCode = 2
} else {
  task()
}
