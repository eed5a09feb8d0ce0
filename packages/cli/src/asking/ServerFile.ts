import { Effect, Option, Schema } from "effect"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { causeText } from "@onymous/database/ErrorText"
import * as DirectoryLock from "@onymous/database/pglite/DirectoryLock"

/** The address of a server, and a secret key that opens all its projects. */
export interface Found {
  readonly url: string
  readonly key: string
}

const Contents = Schema.fromJsonString(
  Schema.Struct({ url: Schema.String, key: Schema.String, pid: Schema.Int }),
)

const decode = Schema.decodeUnknownOption(Contents)

const fileOf = (directory: string): string => join(directory, "onymous.server.json")

/**
 * Tells other commands, until the scope closes, that this process serves the database of a
 * directory. Only the owner of the directory may read the file, because its key opens everything. A server whose disk
 * takes no file serves all the same, and its log says so.
 */
export const publish = (directory: string, found: Found) =>
  Effect.acquireRelease(
    Effect.try(() => {
      const file = fileOf(directory)
      // Removed first, because an existing file, as of a killed server, would keep its own mode.
      rmSync(file, { force: true })
      writeFileSync(file, JSON.stringify({ ...found, pid: process.pid }), { mode: 0o600 })
    }).pipe(
      Effect.catch((error) =>
        Effect.logWarning(
          `Other commands do not find this server by its directory: ${causeText(error)}`,
        ),
      ),
    ),
    () => Effect.ignore(Effect.try(() => rmSync(fileOf(directory), { force: true }))),
  )

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

/**
 * The server of a directory's database. The file of a killed server is ignored, because its process does not hold the
 * directory.
 */
export const find = (directory: string): Found | undefined => {
  const contents = Option.getOrUndefined(decode(textOf(fileOf(directory))))
  const isHolder = contents !== undefined && DirectoryLock.holderOf(directory)?.pid === contents.pid
  return isHolder ? contents : undefined
}
