import type { Brand } from "effect"
import { cleanText } from "../encoding/Json.ts"

/** A name by which a client knows somebody. */
export type DistinctId = string & Brand.Brand<"DistinctId">

/** Names a text as a distinct id; NUL and lone surrogates become U+FFFD (P32). */
export const DistinctId = (text: string): DistinctId => cleanText(text) as DistinctId

/** The longest id that is taken, in UTF-8 bytes: an index of Postgres holds no more. */
const bytesMax = 2000

/** True if an id is too long to be indexed. */
export const isTooLong = (id: string): boolean =>
  id.length * 3 > bytesMax && new TextEncoder().encode(id).length > bytesMax
