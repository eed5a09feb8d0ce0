import { posix } from "node:path"
import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

/** Finds the module of ours that a specifier in a file means. */
export type Resolve = (from: string, specifier: string) => string | undefined

/**
 * The module of a package's specifier: `name/path` means `src/path.ts`, and the library's bare name
 * its own module.
 */
const named = (specifier: string): string | undefined => {
  if (specifier === "onymous") return "packages/onymous/src/Onymous.ts"
  const parts = /^(?:@onymous\/([^/]+)|onymous)\/(.+)$/.exec(specifier)
  return parts === null ? undefined : `packages/${parts[1] ?? "onymous"}/src/${parts[2]}.ts`
}

/** Resolves specifiers to modules among a project's sources, as Node does. */
export const resolver = (tree: Tree.Tree): Resolve => {
  const paths = new Set(Tree.sources(tree).map(({ path }) => path))
  return (from, specifier) => {
    const isRelative = specifier.startsWith(".")
    const path = isRelative ? posix.join(posix.dirname(from), specifier) : named(specifier)
    return path !== undefined && paths.has(path) ? path : undefined
  }
}

/** An import of one module of ours by another, including type imports and imports on demand. */
export interface Edge {
  readonly from: string
  readonly to: string
  /** The exports that it imports. */
  readonly names: ReadonlyArray<string>
}

/** Every import of a module of ours, in the sources or in the given files. */
export const edges = (tree: Tree.Tree, files = Tree.sources(tree)): ReadonlyArray<Edge> => {
  const resolve = resolver(tree)
  return files.flatMap((file) =>
    Syntax.of(file).imports.flatMap(({ specifier, names }) => {
      const to = resolve(file.path, specifier)
      return to === undefined ? [] : [{ from: file.path, to, names }]
    }),
  )
}
