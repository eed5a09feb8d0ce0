import { cpSync, existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"

const modules = resolve(import.meta.dirname, "../../../../node_modules")

const versionOf = (): string => {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite")
  const { version } = JSON.parse(readFileSync(join(dirname(entry), "../package.json"), "utf8"))
  return version
}

/** Where the embedded database lies from which those of tests are copied, by the version that made it. */
export const templateFile = (): string => join(modules, ".pglite", `${versionOf()}.tar`)

/** The same as a folder: the files of a data directory in which nothing was made yet. */
export const templateFolder = (): string => join(modules, ".pglite", versionOf())

/** Gives a server's new data directory its files, because a server that makes them itself starts three times as slowly. */
export const fill = (directory: string): void => {
  const data = join(directory, "data")
  if (!existsSync(data)) cpSync(templateFolder(), data, { recursive: true })
}
