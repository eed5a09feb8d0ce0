import type { Brand } from "effect"
import { cleanText } from "../encoding/Json.ts"

/** A name by which a client knows somebody. */
export type DistinctId = string & Brand.Brand<"DistinctId">

/** Brands a text as a distinct id; NUL and lone surrogates become U+FFFD (P32). */
export const DistinctId = (text: string): DistinctId => cleanText(text) as DistinctId

/** The longest distinct id, in UTF-8 bytes: a Postgres index holds no longer key. */
const bytesMax = 2000

/** True for an id longer than an index holds. */
export const isTooLong = (id: string): boolean =>
  id.length * 3 > bytesMax && new TextEncoder().encode(id).length > bytesMax
