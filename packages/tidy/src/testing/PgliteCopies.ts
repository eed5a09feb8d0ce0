import { PGlite, type PGliteOptions } from "@electric-sql/pglite"
import { NodeFS } from "@electric-sql/pglite/nodefs"
import { existsSync, openAsBlob } from "node:fs"
import { join } from "node:path"
import { templateFile } from "./PgliteTemplate.ts"

const { create } = PGlite

/** True where a database would be made: in memory, or in a folder that has none. */
const isNew = ({ fs, dataDir }: PGliteOptions): boolean => {
  if (dataDir !== undefined) return false
  if (!(fs instanceof NodeFS)) return fs === undefined
  return !existsSync(join(String(Object(fs).rootDir), "PG_VERSION"))
}

/** What is made new is a copy of a database that was made for all tests. */
const createCopy = async (options: PGliteOptions = {}): Promise<PGlite> => {
  const copied = isNew(options) ? { loadDataDir: await openAsBlob(templateFile()) } : {}
  const database: Promise<PGlite> = Reflect.apply(create, PGlite, [{ ...copied, ...options }])
  return database
}

Object.assign(PGlite, { create: createCopy })
