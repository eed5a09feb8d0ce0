import { Effect, Option } from "effect"
import { locationOf } from "../flags/DatabaseFlags.ts"
import { oneOf, refusal, type Setting } from "../flags/Setting.ts"
import type { Given } from "../flags/SourceFlags.ts"
import { find, type Found } from "./ServerFile.ts"

/** The source of answers. */
export type Source =
  | { readonly _tag: "File"; readonly file: string }
  | { readonly _tag: "Server"; readonly server: Found }
  | { readonly _tag: "Database" }

const keyExpected = "the secret key of the project, or the operator's"

const serverOf = Effect.fnUntraced(function* (url: Setting, key: Option.Option<Setting>) {
  const address = url.text.trim().replace(/\/+$/, "")
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    return yield* refusal(url, "the address of a server, as http://127.0.0.1:8000")
  }
  return Option.isSome(key)
    ? { url: address, key: key.value.text }
    : yield* refusal({ from: "--key" }, keyExpected)
})

/**
 * The source of answers: the file, server or database that the flags name. A directory that a running server holds is
 * read through that server, because only one process can open it.
 */
export const of = Effect.fnUntraced(function* (
  given: Given,
): Effect.fn.Return<Source, Effect.Error<ReturnType<typeof locationOf>>> {
  const url = Option.getOrUndefined(given.url)
  const path = Option.getOrUndefined(given.file ?? Option.none())
  const file: Setting | undefined = path === undefined ? path : { text: path, from: "--file" }
  const database = [given.databaseUrl, given.dataDir].map((each) => Option.getOrUndefined(each))
  const settings = [file, url, ...database]
  const named = yield* oneOf(settings.filter((each) => each !== undefined))
  if (file !== undefined) return { _tag: "File", file: file.text }
  if (url !== undefined && named === url) {
    return { _tag: "Server", server: yield* serverOf(url, given.key) }
  }
  const { directory } = yield* locationOf(given)
  const server = directory === undefined ? undefined : find(directory)
  return server === undefined ? { _tag: "Database" } : { _tag: "Server", server }
})
