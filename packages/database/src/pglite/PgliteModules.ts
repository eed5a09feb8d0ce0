const name = "@electric-sql/pglite"

/** Where the error of a missing module names it, with the modules of its package. */
const isMissing = (cause: Error): boolean =>
  /\b(?:ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)$/.test("code" in cause ? String(cause.code) : "") &&
  cause.message.includes(name)

/** The files that PGlite looks for beside itself, and a bundle of it has not. */
const isWithoutData = (cause: Error): boolean =>
  /ENOENT.*(?:pglite|initdb)\.(?:data|wasm)/.test(cause.message)

/** What to do where PGlite cannot be loaded, or not find its files; any other cause as it is. */
export const explained = (cause: unknown): unknown => {
  if (!(cause instanceof Error)) return cause
  if (isMissing(cause)) {
    return new Error(
      `the embedded database is the package ${name}, which is not installed: npm install ${name}, or name a Postgres server`,
    )
  }
  if (isWithoutData(cause)) {
    return new Error(
      `PGlite was bundled without the files that lie beside it: leave ${name} out of the bundle (external), and install it beside`,
    )
  }
  return cause
}

const orExplained = (cause: unknown): never => {
  throw explained(cause)
}

/** Loads PGlite on demand. A bundler passes over what it does not find, because the failure is handled here. */
export const load = () => import("@electric-sql/pglite").catch(orExplained)

/** Loads what keeps its files in a directory. */
export const loadFiles = () => import("@electric-sql/pglite/nodefs").catch(orExplained)
