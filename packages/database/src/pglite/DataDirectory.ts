import * as fs from "node:fs"
import { dirname, join } from "node:path"

/** The version of the embedded Postgres, as the file PG_VERSION names it. */
export const postgresVersion = "18"

/** Files that Postgres needs to start, and that survive every crash. */
const essential = [
  "PG_VERSION",
  "global/pg_control",
  "global/pg_filenode.map",
  "base/1/PG_VERSION",
  "base/5/PG_VERSION",
  "base/5/pg_filenode.map",
  "pg_xact/0000",
  "postgresql.conf",
]

/** The directory of Postgres within ours, which also has the lock: Postgres starts in an empty directory only. */
export const dataOf = (directory: string): string => join(directory, "data")

/**
 * Makes a directory and its parents, one by one, because Node's recursive `mkdir` can loop for ever on some file
 * systems.
 */
export const make = (directory: string): void => {
  if (isDirectory(directory)) return
  make(dirname(directory))
  try {
    fs.mkdirSync(directory, { mode: 0o700 })
  } catch (cause) {
    // Another process may have made the directory meanwhile.
    if (!isDirectory(directory)) throw cause
  }
}

const isDirectory = (directory: string): boolean =>
  fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true

/** True where the directory has a database. */
export const isMade = (directory: string): boolean => {
  const data = dataOf(directory)
  return isDirectory(data) && fs.readdirSync(data).length > 0
}

const textOf = (file: string): string | undefined => {
  try {
    return fs.readFileSync(file, "utf8").trim()
  } catch {
    return undefined
  }
}

const isEmpty = (file: string): boolean =>
  (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0

/** The remedy for files that Postgres cannot use. */
export const remedy =
  "put the directory back as it was saved last, or import an export into another one"

/** The first fault in the files of a database, with its remedy; undefined where none is seen. */
export const faultOf = (directory: string): string | undefined => {
  const data = dataOf(directory)
  const version = textOf(join(data, "PG_VERSION"))
  if (version !== undefined && version !== "" && version !== postgresVersion) {
    return `${join(data, "PG_VERSION")} says Postgres ${version.slice(0, 20)}, and this Onymous has Postgres ${postgresVersion}: export it with the Onymous that made it, and import that into another directory`
  }
  const broken = essential.map((name) => join(data, name)).find(isEmpty)
  return broken && `${broken} is missing or empty: ${remedy}`
}

/** The level at the start of a line of Postgres. */
const level = /^.*?\b(PANIC|FATAL|ERROR|DETAIL):\s*/

/** The last error among the lines of a Postgres that gave up, with the remedy. */
export const lastWordsOf = (lines: ReadonlyArray<string>): string | undefined => {
  const at = lines.findLastIndex((line) => /\b(PANIC|FATAL|ERROR):/.test(line))
  const [words, detail] = lines.slice(Math.max(at, 0), at + 2).map((line) => line.trim())
  if (words === undefined) return undefined
  const more = detail?.includes("DETAIL:") === true ? ` (${detail.replace(level, "")})` : ""
  return `Postgres ${postgresVersion} says: ${words.replace(level, "")}${more}`
}
