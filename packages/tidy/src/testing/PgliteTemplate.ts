import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"

const modules = resolve(import.meta.dirname, "../../../../node_modules")

/** Where the embedded database lies from which those of tests are copied, by the version that made it. */
export const templateFile = (): string => {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite")
  const { version } = JSON.parse(readFileSync(join(dirname(entry), "../package.json"), "utf8"))
  return join(modules, ".pglite", `${version}.tar`)
}
