import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** A file, by its path from the project's folder. */
export interface File {
  readonly path: string
  readonly text: string
}

/** The files of the project, and the names at its top level. */
export interface Tree {
  readonly files: ReadonlyArray<File>
  readonly topLevel: ReadonlyArray<string>
}

/** A rule returns one sentence for each place that breaks it. */
export type Rule = (tree: Tree) => ReadonlyArray<string>

/** The fields of a package.json that the rules read. */
export interface Manifest {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

// Tools make these folders, and git ignores them.
const ignored = new Set(["node_modules", ".git", ".vitest", ".onymous", "dist"])

const isText = /\.(?:[cm]?[jt]sx?|json|md|ya?ml|sh|sql|html|css|txt)$|^\.[^/]*$|LICENSE$|\.ci\/run$/

const pathsIn = (home: string, folder: string): ReadonlyArray<string> =>
  readdirSync(join(home, folder), { withFileTypes: true })
    .filter(({ name }) => !ignored.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return pathsIn(home, path)
      return entry.isFile() && isText.test(path) ? [path] : []
    })

/** Reads the project in a folder; leaves out files that vanish meanwhile. */
export const read = (home: string): Tree => ({
  topLevel: readdirSync(home),
  files: pathsIn(home, "")
    .filter((path) => existsSync(join(home, path)))
    .map((path) => ({ path, text: readFileSync(join(home, path), "utf8") })),
})

const isSource = /^packages\/[^/]+\/(?:src|test|example)\/.*\.(?:ts|tsx|mjs)$/

/** The code of all packages, with tests and examples. */
export const sources = (tree: Tree): ReadonlyArray<File> =>
  tree.files.filter(({ path }) => isSource.test(path))

/** The code of all packages without tests and examples. */
export const productSources = (tree: Tree): ReadonlyArray<File> =>
  sources(tree).filter(({ path }) => folderOf(path, 2) === "src")

/** The settings of the tools at the top level that are code. */
export const settings = (tree: Tree): ReadonlyArray<File> =>
  tree.files.filter(({ path }) => /^[^/]*\.ts$/.test(path))

/** The examples in the READMEs that a test runs, each as a file. */
export const examples = (tree: Tree): ReadonlyArray<File> =>
  tree.files
    .filter(({ path }) => path.endsWith("README.md"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^```ts test\n(.*?)^```/gms)].map(({ 1: code = "", index }) => ({
        path: `${path}:${lineAt(text, index)}.ts`,
        text: code,
      })),
    )

/** The nth folder of a path: 1 is the package of a file in `packages`. */
export const folderOf = (path: string, index: number): string => path.split("/")[index] ?? ""

/** The names of the folders in `packages` that have files. */
export const packages = (tree: Tree): ReadonlyArray<string> => [
  ...new Set(
    tree.files
      .filter(({ path }) => /^packages\/[^/]+\//.test(path))
      .map(({ path }) => folderOf(path, 1)),
  ),
]

export const isManifest = (path: string): boolean =>
  /^(?:packages\/[^/]+\/)?package\.json$/.test(path)

/** Every package.json, by its path. */
export const manifests = (tree: Tree): ReadonlyMap<string, Manifest> =>
  new Map(
    tree.files
      .filter(({ path }) => isManifest(path))
      .map(({ path, text }) => {
        const { name = "", dependencies = {}, devDependencies = {}, ...rest } = JSON.parse(text)
        const { optionalDependencies = {} } = rest
        return [path, { name, dependencies, devDependencies, optionalDependencies }]
      }),
  )

/** The line of an offset in a text, counted from 1. */
export const lineAt = (text: string, place: number): number =>
  text.slice(0, place).split("\n").length
