import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

/** Modules that load all of their package, with what a part of it needs. */
const barrels: Readonly<Record<string, string>> = {
  "@effect/platform-node": "@effect/platform-node/NodeServices",
}

/** Who imports a module does not wait for all of its package: that of @effect/platform-node has redis in it. */
export const unopened: Tree.Rule = (tree) =>
  Tree.sources(tree).flatMap((file) =>
    Syntax.of(file).imports.flatMap(({ specifier, line }) => {
      const module = barrels[specifier]
      if (module === undefined) return []
      return [`${file.path}:${line} imports all of ${specifier}: name the module, as in ${module}.`]
    }),
  )
