import { PGlite, type PGliteOptions } from "@electric-sql/pglite"
import { openAsBlob } from "node:fs"
import { templateFile } from "./PgliteTemplate.ts"

const { create } = PGlite

/** A database in memory is a copy of one that was made for all tests; one that is kept in files is made as ever. */
const createCopy = async (options: PGliteOptions = {}): Promise<PGlite> => {
  const isInMemory = options.fs === undefined && options.dataDir === undefined
  const copied = isInMemory ? { loadDataDir: await openAsBlob(templateFile()) } : {}
  const database: Promise<PGlite> = Reflect.apply(create, PGlite, [{ ...copied, ...options }])
  return database
}

Object.assign(PGlite, { create: createCopy })
