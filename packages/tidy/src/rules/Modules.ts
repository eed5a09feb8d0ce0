import { posix } from "node:path"
import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

/** The module that a specifier means in a file, where it is one of ours. */
export type Resolve = (from: string, specifier: string) => string | undefined

/** A package gives away `src/*.ts`; the library's own name means the module of that name. */
const named = (specifier: string): string | undefined => {
  if (specifier === "onymous") return "packages/onymous/src/Onymous.ts"
  const parts = /^(?:@onymous\/([^/]+)|onymous)\/(.+)$/.exec(specifier)
  return parts === null ? undefined : `packages/${parts[1] ?? "onymous"}/src/${parts[2]}.ts`
}

/** Finds modules among the sources of a project, as Node does it. */
export const resolver = (tree: Tree.Tree): Resolve => {
  const paths = new Set(Tree.sources(tree).map(({ path }) => path))
  return (from, specifier) => {
    const isRelative = specifier.startsWith(".")
    const path = isRelative ? posix.join(posix.dirname(from), specifier) : named(specifier)
    return path !== undefined && paths.has(path) ? path : undefined
  }
}

/** An import of one module of ours by another: types and what is loaded on demand included. */
export interface Edge {
  readonly from: string
  readonly to: string
  /** What it takes of the module's exports. */
  readonly names: ReadonlyArray<string>
}

/** Every import of a module of ours, by the sources or by the files that are given. */
export const edges = (tree: Tree.Tree, files = Tree.sources(tree)): ReadonlyArray<Edge> => {
  const resolve = resolver(tree)
  return files.flatMap((file) =>
    Syntax.of(file).imports.flatMap(({ specifier, names }) => {
      const to = resolve(file.path, specifier)
      return to === undefined ? [] : [{ from: file.path, to, names }]
    }),
  )
}
