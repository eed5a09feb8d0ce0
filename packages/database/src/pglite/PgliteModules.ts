const name = "@electric-sql/pglite"

/** True for the error of a missing module of PGlite's package. */
const isMissing = (cause: Error): boolean =>
  /\b(?:ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)$/.test("code" in cause ? String(cause.code) : "") &&
  cause.message.includes(name)

/** True for the error of a bundle that lacks the files which PGlite reads beside itself. */
const isWithoutData = (cause: Error): boolean =>
  /ENOENT.*(?:pglite|initdb)\.(?:data|wasm)/.test(cause.message)

/** Explains with a remedy why PGlite, or a file of it, is missing; returns any other cause as it is. */
export const explain = (cause: unknown): unknown => {
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
  throw explain(cause)
}

/** Loads PGlite on demand. Bundlers tolerate a missing module here, because the rejection is handled. */
export const load = () => import("@electric-sql/pglite").catch(orExplained)

/** Loads the part of PGlite that keeps files in a directory. */
export const loadFiles = () => import("@electric-sql/pglite/nodefs").catch(orExplained)
