import type { Brand } from "effect"
import { cleanText } from "../encoding/Json.ts"

/** A name by which a client knows somebody. */
export type DistinctId = string & Brand.Brand<"DistinctId">

/** The longest id in characters; longer ones are cut (posthog.md §7.3), so that an index can hold them. */
const lengthMax = 200

/** Cuts a text between code points, because half an emoji is no character; each takes two units at most. */
const cut = (text: string): string =>
  text.length <= lengthMax
    ? text
    : Array.from(text.slice(0, 2 * lengthMax))
        .slice(0, lengthMax)
        .join("")

/** Brands a text as a distinct id, cut alike wherever it stood; NUL and lone surrogates become U+FFFD (P32). */
export const DistinctId = (text: string): DistinctId => cleanText(cut(text)) as DistinctId
