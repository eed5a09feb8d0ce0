import { join } from "node:path"
import * as ApiDocs from "./ApiDocs.ts"
import * as Publishing from "./Publishing.ts"
import * as Staging from "./Staging.ts"
import * as Tarballs from "./Tarballs.ts"
import * as Versioning from "./Versioning.ts"
import { home, pathOf } from "./WorkspacePackage.ts"

const dist = join(pathOf("release"), "dist")
const packages = join(dist, "packages")

const size = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`.padStart(8)

/** Makes the packages and their tarballs, and says how large each is. */
const build = (): void => {
  const tarballs = Tarballs.pack(Staging.stageAll(packages), join(dist, "tarballs"))
  for (const { name, path, size: packed, unpackedSize } of tarballs) {
    console.log(
      `${name.padEnd(20)} ${size(packed)} packed, ${size(unpackedSize)} installed, ${path}`,
    )
  }
}

/** Takes the changes into the changelog, and gives all packages the next version. */
const version = (): void => {
  Versioning.next(home)
  Versioning.lock(home)
}

/** Publishes what is built of this version. */
const publish = (): void =>
  Publishing.publish(
    Staging.stageAll(packages),
    {
      isTrial: process.argv.includes("--dry-run"),
      repository: Staging.repositoryOf(process.env),
    },
    (line) => console.log(line),
  )

const docs = (): void => console.log(ApiDocs.write())

const tasks: Readonly<Record<string, () => void>> = { build, version, publish, docs }

const task = tasks[process.argv[2] ?? ""]
if (task === undefined) {
  console.error(`Expected one of: ${Object.keys(tasks).join(", ")}.`)
  process.exitCode = 2
} else {
  task()
}
