import { PGlite } from "@electric-sql/pglite"
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { templateFile, templateFolder } from "./PgliteTemplate.ts"

/** Makes an embedded database once for all tests: to copy it is a fifth of the work of making it. */
export default async function setup(): Promise<void> {
  const [file, folder] = [templateFile(), templateFolder()]
  if (existsSync(file) && existsSync(folder)) return
  mkdirSync(dirname(file), { recursive: true })
  // Whoever else runs tests meanwhile sees a whole file and a whole folder, or none.
  const [partFile, partFolder] = [`${file}.${process.pid}`, `${folder}.${process.pid}`]
  const database = await PGlite.create(partFolder)
  const dump = await database.dumpDataDir("none")
  await database.close()
  writeFileSync(partFile, Buffer.from(await dump.arrayBuffer()))
  renameSync(partFile, file)
  if (existsSync(folder)) rmSync(partFolder, { recursive: true })
  else renameSync(partFolder, folder)
}
