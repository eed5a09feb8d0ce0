import { posix } from "node:path"
import * as Modules from "./Modules.ts"
import * as Names from "./Names.ts"
import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

/** Something uses every file: an import, a path in the code, a package.json, or the test runner. */
export const usedFiles: Tree.Rule = (tree) => {
  const users = usersOf(tree)
  return unlessSuites(tree)
    .filter(({ path }) => !users.has(path))
    .map(({ path }) => `${path} is imported by nobody: delete it.`)
}

/**
 * Another file imports every export of a module. A type may stay exported for the values made of
 * it, because declaration files name it; an entry point exports for other people.
 */
export const usedExports: Tree.Rule = (tree) => {
  const users = usersOf(tree)
  return unlessSuites(tree).flatMap((file) => {
    const takers = users.get(file.path)
    if (takers === undefined || takers.has(Names.everything)) return []
    return Syntax.of(file)
      .exports.filter(({ name }) => !takers.has(name))
      .filter(({ isType, isUsedHere }) => !(isType && isUsedHere))
      .map(({ name, line, isUsedHere }) =>
        isUsedHere
          ? `${file.path}:${line} exports ${name}, which only this file uses: stop exporting it.`
          : `${file.path}:${line} exports ${name}, which nobody uses: delete it.`,
      )
  })
}

/** Packages that exist for tests. */
const forTests = new Set(["tidy", "simulator"])

/** A service's double for tests lies beside the service. */
const isDouble = (name: string): boolean => name === "layerMemory"

/** Code that only tests use, and that its own module does without, belongs to the tests. */
export const usedBeyondTests: Tree.Rule = (tree) => {
  const users = usersOf(tree)
  return Tree.productSources(tree)
    .filter(({ path }) => !forTests.has(Tree.folderOf(path, 1)))
    .flatMap((file) => {
      const takers = users.get(file.path)
      const ofAll = takers?.get(Names.everything) ?? []
      return Syntax.of(file)
        .exports.filter(({ name, isUsedHere }) => !isUsedHere && !isDouble(name))
        .filter(({ name }) => {
          const all = [...(takers?.get(name) ?? []), ...ofAll]
          return all.length > 0 && all.every((path) => Tree.folderOf(path, 2) === "test")
        })
        .map(
          ({ name, line }) =>
            `${file.path}:${line} exports ${name}, which only tests use: move it into the tests, ` +
            "or have them take it from where it is made.",
        )
    })
}

/** All files except those that vitest or a reader of the examples runs. */
const unlessSuites = (tree: Tree.Tree): ReadonlyArray<Tree.File> =>
  Tree.sources(tree).filter(
    ({ path }) => !/\.test\.tsx?$/.test(path) && Tree.folderOf(path, 2) !== "example",
  )

/** The users of a module's exports: by module, then by export. */
type Users = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

const usersOf = (tree: Tree.Tree): Users => {
  const files = [...Tree.sources(tree), ...Tree.settings(tree), ...Tree.examples(tree)]
  const users = new Map<string, Map<string, Set<string>>>()
  for (const { from, to, names } of [
    ...Modules.edges(tree, files),
    ...loads(tree, files),
    ...entries(tree),
  ]) {
    if (from === to) continue
    const taken = users.get(to) ?? new Map<string, Set<string>>()
    users.set(to, taken)
    for (const name of names) taken.set(name, (taken.get(name) ?? new Set()).add(from))
  }
  return users
}

/** Files that the code loads by path; such a load uses the default export at most. */
const loads = (tree: Tree.Tree, files: ReadonlyArray<Tree.File>): ReadonlyArray<Modules.Edge> => {
  const resolve = Modules.resolver(tree)
  const byName = new Map(Tree.sources(tree).map(({ path }) => [posix.basename(path), path]))
  return files.flatMap((file) => {
    const imported = new Set(Syntax.of(file).imports.map(({ specifier }) => specifier))
    return [...Syntax.of(file).texts]
      .filter((text) => !imported.has(text))
      .flatMap((text) => {
        const to = resolve(file.path, text) ?? byName.get(text)
        return to === undefined ? [] : [{ from: file.path, to, names: ["default"] }]
      })
  })
}

/**
 * Files that a package.json names as an export, a command or a script, or a page as its script; all
 * their exports count as used.
 */
const entries = (tree: Tree.Tree): ReadonlyArray<Modules.Edge> =>
  tree.files
    .filter(({ path }) => Tree.isManifest(path) || path.endsWith(".html"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/[\w./-]+\.(?:tsx?|mjs)\b/g)].map(({ 0: name }) => ({
        from: path,
        to: posix.join(posix.dirname(path), name),
        names: [Names.everything],
      })),
    )
