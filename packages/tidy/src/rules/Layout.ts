import { posix } from "node:path"
import * as Tree from "./Tree.ts"

const topLevel = new Set([
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "vitest.workspace.ts",
  "packages",
  "README.md",
  "LICENSE",
  "node_modules",
])

/** The top level holds only the files that the house lists. */
export const quietTop: Tree.Rule = (tree) =>
  tree.topLevel
    .filter((name) => !topLevel.has(name) && !name.startsWith("."))
    .map((name) => `${name} lies at the top level: it belongs in a package.`)

/** Every package has a README. */
export const introduced: Tree.Rule = (tree) => {
  const paths = new Set(tree.files.map(({ path }) => path))
  return ["", ...Tree.packages(tree).map((name) => `packages/${name}/`)]
    .map((folder) => `${folder}README.md`)
    .filter((path) => !paths.has(path))
    .map((path) => `${path} is missing.`)
}

const withoutCode = (text: string): string =>
  text.replace(/^ *```.*?^ *```|`[^`\n]*`/gms, (code) => code.replace(/[^\n]/g, " "))

/** Links in READMEs lead to files that exist. */
export const soundLinks: Tree.Rule = (tree) => {
  const places = new Set(tree.topLevel)
  for (const { path } of tree.files) {
    for (let place = path; place !== "."; place = posix.dirname(place)) places.add(place)
  }
  return tree.files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)[^)]*\)/g)]
        .map(({ 1: target = "", index }) => ({ target, index }))
        .filter(({ target }) => !/^(?:[a-z]+:|#)/.test(target))
        .filter(({ target }) => {
          const file = decodeURI(target)
            .replace(/[#?].*/, "")
            .replace(/\/$/, "")
          const place = posix.join(posix.dirname(path), file)
          return place !== "." && !places.has(place.replace(/\/$/, ""))
        })
        .map(({ target, index }) => {
          return `${path}:${Tree.lineAt(text, index)} links to ${target}, which does not exist.`
        }),
    )
}

// The patterns are written so that they do not match this file.
const foreign: ReadonlyArray<readonly [RegExp, string]> = [
  [/(?<![\w.})])\/(?:work|root|home\/\w+|Users\/\w+)\//g, "a path of one machine"],
  [/registry\.[n]pmjs|[n]pmjs\.org/g, "a registry's host"],
  [/\b(?:[c]laude|[a]nthropic|LLM [a]gent)\b/gi, "the tool it was written with"],
]

/** The project speaks only of itself, and works on any machine. */
export const ownWords: Tree.Rule = (tree) =>
  tree.files.flatMap(({ path, text }) =>
    foreign.flatMap(([pattern, what]) =>
      [...text.matchAll(pattern)].map(
        ({ 0: found, index }) =>
          `${path}:${Tree.lineAt(text, index)} names ${what} (${found}): leave it out.`,
      ),
    ),
  )

interface Declared {
  readonly path: string
  readonly name: string
  readonly version: string
}

const declarations = (tree: Tree.Tree): ReadonlyArray<Declared> =>
  [...Tree.manifests(tree)].flatMap(([path, manifest]) =>
    [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]
      .flatMap((versions) => Object.entries(versions))
      .map(([name, version]) => ({ path, name, version })),
  )

/** A version is one version, not a range. */
export const exactVersions: Tree.Rule = (tree) =>
  declarations(tree)
    .filter(({ version }) => !/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version))
    .map(({ path, name, version }) => `${path} wants ${name} ${version}: name one exact version.`)

/** A dependency has the same version in every package. */
export const oneVersion: Tree.Rule = (tree) => {
  const first = new Map<string, Declared>()
  return declarations(tree).flatMap((here) => {
    const there = first.get(here.name) ?? here
    first.set(here.name, there)
    const { path, name, version } = here
    if (version === there.version) return []
    return [`${path} wants ${name} ${version}, and ${there.path} wants ${there.version}.`]
  })
}
