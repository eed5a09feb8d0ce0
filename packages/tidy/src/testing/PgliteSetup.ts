import { PGlite } from "@electric-sql/pglite"
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { templateFile } from "./PgliteTemplate.ts"

/** Makes an embedded database once for all tests: to copy it is a fifth of the work of making it. */
export default async function setup(): Promise<void> {
  const file = templateFile()
  if (existsSync(file)) return
  const database = await PGlite.create()
  const dump = await database.dumpDataDir("none")
  await database.close()
  mkdirSync(dirname(file), { recursive: true })
  // Whoever else runs tests meanwhile sees a whole file, or none.
  const part = `${file}.${process.pid}`
  writeFileSync(part, Buffer.from(await dump.arrayBuffer()))
  renameSync(part, file)
}
