import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

/** Modules that load their whole package, with the part of it that needs something heavy. */
const barrels: Readonly<Record<string, string>> = {
  "@effect/platform-node": "@effect/platform-node/NodeServices",
}

/**
 * An import does not load a whole package for one module: @effect/platform-node's barrel loads
 * redis.
 */
export const unopened: Tree.Rule = (tree) =>
  Tree.sources(tree).flatMap((file) =>
    Syntax.of(file).imports.flatMap(({ specifier, line }) => {
      const module = barrels[specifier]
      if (module === undefined) return []
      return [`${file.path}:${line} imports all of ${specifier}: name the module, as in ${module}.`]
    }),
  )
