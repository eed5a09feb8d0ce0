import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"

/** The project's folder, and that of its packages. */
export const home = resolve(import.meta.dirname, "..", "..", "..")
const packages = join(home, "packages")

/** The fields of a package.json of the workspace that a release reads. */
export interface WorkspaceManifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

/** A package whose sources lie in the workspace. */
export interface WorkspacePackage {
  /** Its folder below `packages`. */
  readonly folder: string
  readonly path: string
  readonly manifest: WorkspaceManifest
}

/**
 * The folders of the packages that are published, each after those that it depends on. The command and its
 * server are none of them: they are bundled into the library.
 */
const folders = [
  "identity",
  "actor",
  "database",
  "log",
  "persons",
  "projector",
  "timetravel",
  "api",
  "onymous",
]

/** The folder of a package of the workspace. */
export const pathOf = (folder: string): string => join(packages, folder)

/** The packages that are published, each after those that it depends on. */
export const published = (): ReadonlyArray<WorkspacePackage> =>
  folders.map((folder) => ({
    folder,
    path: pathOf(folder),
    manifest: JSON.parse(readFileSync(join(pathOf(folder), "package.json"), "utf8")),
  }))
