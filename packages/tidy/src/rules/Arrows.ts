import { posix } from "node:path"
import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

const library = ["identity", "database", "log", "actor", "persons", "projector", "timetravel"]

/** The packages of ours that each package may import; the arrows between packages go one way. */
export const arrows: Readonly<Record<string, ReadonlyArray<string>>> = {
  identity: [],
  database: [],
  log: ["identity", "database"],
  actor: [],
  persons: ["identity", "log", "database"],
  projector: ["identity", "database", "log", "persons", "actor"],
  timetravel: ["identity", "log", "persons"],
  api: ["identity"],
  server: ["identity", "api", "log", "persons", "projector", "timetravel", "simulator", "studio"],
  onymous: library,
  // The CLI names the services of the library beside the library itself.
  cli: [
    "onymous",
    "server",
    "api",
    "identity",
    "log",
    "database",
    "persons",
    "projector",
    "timetravel",
  ],
  studio: ["identity", "api", "timetravel"],
  simulator: ["identity", "log", "persons", "timetravel"],
  bench: [...library, "onymous", "cli", "tidy"],
  examples: [],
  release: [],
  tidy: [],
}

/** The package of ours that a specifier names. */
const ours = (specifier: string): string | undefined => {
  if (specifier === "onymous" || specifier.startsWith("onymous/")) return "onymous"
  return /^@onymous\/([^/]+)/.exec(specifier)?.[1]
}

/** All packages that a package may import, directly or through others. */
const reachable = (name: string): ReadonlySet<string> => {
  const found = new Set([name])
  for (const next of found) for (const to of arrows[next] ?? []) found.add(to)
  return found
}

/**
 * The packages that any package's tests may import: the house rules, the model, a real database.
 */
const testing = ["tidy", "simulator", "database"]

/**
 * Packages whose tests may import more: questions about the past need persons that a projector
 * keeps.
 */
const testingMore: Readonly<Record<string, ReadonlyArray<string>>> = {
  timetravel: ["projector", "actor", "api"],
}

/** Packages import along the arrows; their tests may also use what lies further along. */
export const followed: Tree.Rule = (tree) =>
  Tree.sources(tree).flatMap((file) => {
    const from = Tree.folderOf(file.path, 1)
    const allowed =
      Tree.folderOf(file.path, 2) === "src"
        ? new Set([from, ...(arrows[from] ?? [])])
        : new Set([...reachable(from), ...testing, ...(testingMore[from] ?? [])])
    return Syntax.of(file).imports.flatMap(({ specifier, line }) => {
      const to = ours(specifier)
      if (to === undefined || allowed.has(to)) return []
      const may = [...allowed].filter((name) => name !== from).join(", ") || "nothing of ours"
      return [`${file.path}:${line} imports ${specifier}: ${from} may import ${may}.`]
    })
  })

/** Every package has its row in the table. */
export const known: Tree.Rule = (tree) =>
  Tree.packages(tree)
    .filter((name) => arrows[name] === undefined)
    .map(
      (name) =>
        `packages/${name} is not in the table of arrows (packages/tidy/src/rules/Arrows.ts).`,
    )

/** Packages whose row may list unused arrows: the bench measures other things from day to day. */
const promising = new Set(["bench"])

/**
 * An unused arrow invites somebody to use it. Only a package without code has its row in advance.
 */
export const used: Tree.Rule = (tree) => {
  const files = Map.groupBy(Tree.productSources(tree), ({ path }) => Tree.folderOf(path, 1))
  return [...files]
    .filter(([from]) => !promising.has(from))
    .flatMap(([from, sources]) => {
      const followed = new Set(
        sources.flatMap((file) => Syntax.of(file).imports.map(({ specifier }) => ours(specifier))),
      )
      return (arrows[from] ?? [])
        .filter((to) => !followed.has(to))
        .map(
          (to) =>
            `The arrow from ${from} to ${to} is followed by nobody: delete it from the table ` +
            "(packages/tidy/src/rules/Arrows.ts).",
        )
    })
}

/** A relative import stays in its package. */
export const fenced: Tree.Rule = (tree) =>
  Tree.sources(tree).flatMap((file) => {
    const fence = `packages/${Tree.folderOf(file.path, 1)}/`
    return Syntax.of(file)
      .imports.filter(({ specifier }) => specifier.startsWith("."))
      .filter(({ specifier }) => {
        const target = posix.join(posix.dirname(file.path), specifier)
        return !target.startsWith(fence)
      })
      .map(
        ({ specifier, line }) =>
          `${file.path}:${line} imports ${specifier}: import another package by its name.`,
      )
  })

/** The name EventLog means our event log, not Effect's. */
export const ourEventLog: Tree.Rule = (tree) =>
  Tree.sources(tree).flatMap((file) =>
    Syntax.of(file)
      .imports.filter(({ specifier }) => /^effect\/(?:unstable\/)?eventlog/.test(specifier))
      .map(
        ({ specifier, line }) =>
          `${file.path}:${line} imports ${specifier}: our log is @onymous/log/EventLog.`,
      ),
  )

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

/**
 * A package.json lists every package that the code imports under dependencies; an import on demand
 * may stand under devDependencies.
 */
export const declared: Tree.Rule = (tree) => {
  const manifests = Tree.manifests(tree)
  return Tree.productSources(tree).flatMap((file) => {
    const manifest = manifests.get(`packages/${Tree.folderOf(file.path, 1)}/package.json`)
    if (manifest === undefined) return []
    return Syntax.of(file).imports.flatMap(({ specifier, line, isOnDemand }) => {
      const name = packageOf(specifier)
      if (/^(?:\.|node:)/.test(specifier) || name === manifest.name) return []
      if (manifest.dependencies[name] !== undefined) return []
      if (isOnDemand && manifest.devDependencies[name] !== undefined) return []
      const where = manifest.devDependencies[name] === undefined ? "not declared" : "for tests only"
      return [`${file.path}:${line} imports ${name}, ${where} in ${manifest.name}'s package.json.`]
    })
  })
}

/**
 * Dependencies that no code imports, each with the dependency that needs it beside itself: listing
 * it here pins its version.
 */
const companions: Readonly<Record<string, string>> = {
  "@event-driven-io/emmett": "@event-driven-io/emmett-postgresql",
}

/**
 * A package imports every dependency that its package.json lists; the tools at the top level run
 * without an import.
 */
export const needed: Tree.Rule = (tree) =>
  [...Tree.manifests(tree)]
    .filter(([path]) => path !== "package.json")
    .flatMap(([path, { dependencies, devDependencies }]) => {
      const names = (versions: Readonly<Record<string, string>>) =>
        Object.keys(versions).filter((name) => {
          const companion = companions[name] ?? name
          return (
            companion === name ||
            (dependencies[companion] ?? devDependencies[companion]) === undefined
          )
        })
      const folder = posix.dirname(path)
      const inSrc = takenIn(tree, `${folder}/src/`)
      const inTests = takenIn(tree, `${folder}/test/`, `${folder}/example/`)
      const unused = (name: string) => `${path} names ${name}, which nobody imports: remove it.`
      const misplaced = (name: string) =>
        `${path} names ${name}, which only tests import: name it under devDependencies.`
      return [
        ...names(dependencies)
          .filter((name) => !inSrc.has(name))
          .map((name) => (inTests.has(name) ? misplaced(name) : unused(name))),
        ...names(devDependencies)
          .filter((name) => !inSrc.has(name) && !inTests.has(name))
          .map(unused),
      ]
    })

/** The packages that the files in some folders import; a test also imports by a folder's name. */
const takenIn = (tree: Tree.Tree, ...folders: ReadonlyArray<string>): ReadonlySet<string> => {
  const files = Tree.sources(tree).filter(({ path }) =>
    folders.some((folder) => path.startsWith(folder)),
  )
  const named = files.flatMap((file) => {
    const { imports, texts } = Syntax.of(file)
    const isTest = Tree.folderOf(file.path, 2) !== "src"
    return [...imports.map(({ specifier }) => specifier), ...(isTest ? texts : [])]
  })
  const sheets = tree.files.filter(
    ({ path }) => path.endsWith(".css") && folders.some((folder) => path.startsWith(folder)),
  )
  return new Set([...named, ...sheets.flatMap(loadedBy)].map(packageOf))
}

/** What a style sheet loads from packages: fonts. */
const loadedBy = ({ text }: Tree.File): ReadonlyArray<string> =>
  [...text.matchAll(/url\("([@\w][^":]*)"\)/g)].flatMap(([, name]) => name ?? [])
