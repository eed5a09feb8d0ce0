import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { pathOf } from "./WorkspacePackage.ts"

/**
 * How the server finds the scripts that PostHog's HTML snippet loads, and those of its page, and how it does where they
 * lie beside it.
 */
const places = [
  ["posthog-js/dist/array.js", "./posthog-js/array.js"],
  ["@onymous/studio/dist/index.html", "./studio/index.html"],
] as const

/** Files of posthog-js that its snippet never asks for: builds for bundlers, and those that have everything. */
const unasked =
  /^(?:module|main|loader\.|all-|rrweb|default-|element-|extension-|external-)|customizations|full|no-external/

/** What the build leaves for the workspace alone. */
const left = new Set(["cache", "sources.json"])

/** Packages that the bundle does not hold: the scripts of a page are copied, the database is a peer. */
const outside = new Set(["posthog-js", "@electric-sql/pglite"])

/** The folders of all packages of others that a package of ours is made of, by way of others too. */
const installedBy = (
  folder: string,
  known = new Map<string, string>(),
): ReadonlyMap<string, string> => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (outside.has(name) || known.has(name)) continue
    const at = createRequire(join(folder, "package.json"))
      .resolve.paths(name)
      ?.map((path) => join(path, name))
      .find((path) => existsSync(join(path, "package.json")))
    if (at === undefined) continue
    known.set(name, at)
    installedBy(at, known)
  }
  return known
}

const licenseIn = (folder: string): string | undefined =>
  readdirSync(folder).find((name) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(name))

/** The licenses of what is bundled: each asks to be told. */
const licenses = (): string =>
  [...installedBy(pathOf("cli"))]
    .filter(([name]) => !/^onymous$|^@onymous\/|^@types\//.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, folder]) => {
      const file = licenseIn(folder)
      return file === undefined ? [] : [`# ${name}\n\n${readFileSync(join(folder, file), "utf8")}`]
    })
    .join("\n\n")

const copyScripts = (to: string): void => {
  const from = dirname(
    createRequire(join(pathOf("server"), "package.json")).resolve("posthog-js/dist/array.js"),
  )
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name.endsWith(".js") && !unasked.test(name)) cpSync(join(from, name), join(to, name))
  }
  cpSync(join(from, "..", "LICENSE"), join(to, "LICENSE"))
}

/** Has the one of some files that asks for another where the workspace has it ask for it beside itself. */
const findBesides = (files: ReadonlyArray<string>, inWorkspace: string, besides: string): void => {
  const asks = `.resolve("${inWorkspace}")`
  const asking = files.filter((path) => readFileSync(path, "utf8").includes(asks))
  const [path] = asking
  if (path === undefined || asking.length > 1)
    throw new Error(`Of the command's files ${asking.length} ask for ${inWorkspace}: expected one.`)
  const text = readFileSync(path, "utf8")
  writeFileSync(path, text.replaceAll(asks, `.resolve("${besides}")`))
}

/** Puts the built command into a folder: what it runs needs nothing beside it but the embedded database, if any. */
export const copy = (to: string): void => {
  const cli = pathOf("cli")
  const { status } = spawnSync(process.execPath, [join(cli, "build", "build.mjs")], {
    stdio: "inherit",
  })
  if (status !== 0) throw new Error("The command could not be built.")
  cpSync(join(cli, "bin"), join(to, "bin"), { recursive: true })
  const dist = join(to, "dist")
  cpSync(join(cli, "dist"), dist, { recursive: true, filter: (path) => !left.has(basename(path)) })
  const files = readdirSync(dist)
    .map((name) => join(dist, name))
    .filter((path) => path.endsWith(".cjs"))
  for (const [inWorkspace, besides] of places) findBesides(files, inWorkspace, besides)
  copyScripts(join(dist, "posthog-js"))
  const isOfPage = (path: string) => !left.has(basename(path))
  cpSync(join(pathOf("studio"), "dist"), join(dist, "studio"), {
    recursive: true,
    filter: isOfPage,
  })
  writeFileSync(join(to, "LICENSES.md"), licenses())
}
