import { Result } from "effect"
import { resolve } from "node:path"
import { type DatabaseError, refused } from "./DatabaseError.ts"
import * as ServerUrl from "./server/ServerUrl.ts"

/** Where a database is. */
export type DatabaseLocation =
  | { readonly _tag: "Server"; readonly server: ServerUrl.ServerUrl }
  | { readonly _tag: "Directory"; readonly path: string }
  /** In memory: it ends with the process. */
  | { readonly _tag: "Memory" }

/** What a location has to be, in words. */
export const expected = "postgres://…, a directory, or memory"

/** True for the address of a Postgres server: `postgres://…`, in letters of any case. */
export const isServer = (location: string): boolean => /^\s*postgres(ql)?:\/\//i.test(location)

/** True for other URLs, and for a server as other tools write it: such a text is no directory. */
const isOther = (text: string): boolean =>
  /^["'`]/.test(text) ||
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ||
  /^postgres(ql)?:/i.test(text) ||
  /^(host|hostaddr|port|dbname|user|password|service)\s*=/i.test(text)

/** Reads a location without opening it. A refusal does not repeat the text, because it may be secret. */
export const read = (given: unknown): Result.Result<DatabaseLocation, DatabaseError> => {
  if (typeof given !== "string" || given.trim() === "" || given.includes("\0")) {
    return Result.fail(refused("database", expected))
  }
  const text = given.trim()
  if (text === "memory" || text === ":memory:") return Result.succeed({ _tag: "Memory" })
  if (isServer(text)) {
    return Result.map(ServerUrl.read(text), (server) => ({ _tag: "Server", server }))
  }
  return isOther(text)
    ? Result.fail(refused("database", `${expected}, without quotes`))
    : Result.succeed({ _tag: "Directory", path: resolve(given) })
}

/** A location in words, without user and password. */
export const publicText = (location: DatabaseLocation): string => {
  switch (location._tag) {
    case "Server":
      return `Postgres at ${location.server.address}`
    case "Directory":
      return location.path
    case "Memory":
      return "memory"
  }
}
