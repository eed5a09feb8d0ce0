import * as fs from "node:fs"
import { dirname, join } from "node:path"

/** The version of Postgres that is embedded, as its data directories name it. */
export const postgresVersion = "18"

/** Files without which Postgres does not start, and that no crash takes away. */
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

/** Where in its directory the embedded database lies: beside the lock, because Postgres wants its own one empty at first. */
export const dataOf = (directory: string): string => join(directory, "data")

/** Creates a directory level by level: Node's own way tries for ever where a parent says of a child that it is not there. */
export const make = (directory: string): void => {
  if (isDirectory(directory)) return
  make(dirname(directory))
  try {
    fs.mkdirSync(directory, { mode: 0o700 })
  } catch (cause) {
    // Another process may have made it meanwhile.
    if (!isDirectory(directory)) throw cause
  }
}

const isDirectory = (directory: string): boolean =>
  fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true

/** True where a database was made in the directory. */
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

const restored = "put the directory back as it was saved last, or import an export into another one"

/** What is wrong with the files of a database that was made, as far as they tell by themselves: which file, and what to do. */
export const faultOf = (directory: string): string | undefined => {
  const data = dataOf(directory)
  const version = textOf(join(data, "PG_VERSION"))
  if (version !== undefined && version !== "" && version !== postgresVersion) {
    return `${join(data, "PG_VERSION")} says Postgres ${version.slice(0, 20)}, and this Onymous has Postgres ${postgresVersion}: export it with the Onymous that made it, and import that into another directory`
  }
  const broken = essential.map((name) => join(data, name)).find(isEmpty)
  return broken && `${broken} is missing or empty: ${restored}`
}

/** A line that Postgres writes, without its level. */
const level = /^.*?\b(PANIC|FATAL|ERROR|DETAIL):\s*/

/** What Postgres itself said last of its files when it gave up. */
export const lastWordsOf = (said: ReadonlyArray<string>): string | undefined => {
  const at = said.findLastIndex((line) => /\b(PANIC|FATAL|ERROR):/.test(line))
  const [words, detail] = said.slice(Math.max(at, 0), at + 2).map((line) => line.trim())
  if (words === undefined) return undefined
  const more = detail?.includes("DETAIL:") === true ? ` (${detail.replace(level, "")})` : ""
  return `Postgres ${postgresVersion} says: ${words.replace(level, "")}${more}: ${restored}`
}
