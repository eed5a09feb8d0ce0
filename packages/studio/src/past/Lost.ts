import * as Json from "@onymous/identity/encoding/Json"
import { before, type History, type Link } from "@onymous/timetravel/history/History"
import { nameOf } from "./PersonFacts.ts"

/** What a merge of two persons came to: the two before it, and the values that gave way. */
export interface Merged {
  readonly link: Link
  readonly target: string
  readonly source: string
  /** The names of properties of which the source's value gave way. */
  readonly lost: ReadonlyArray<string>
  readonly areBothIdentified: boolean
  readonly isByOperator: boolean
}

/** Names before addresses, and what libraries set by themselves last. */
const rank = (key: string): number =>
  key === "name" ? 0 : key === "email" ? 1 : key.startsWith("$") ? 3 : 2

const known = new WeakMap<Link, Merged | undefined>()

/** What a link of a history came to that merged two persons; undefined where it did not. */
export const mergedBy = (history: History, link: Link): Merged | undefined => {
  if (link.outcome !== "merged") return undefined
  // It is the same at every position, and a drag asks at many of them.
  if (!known.has(link)) known.set(link, mergeOf(history, link))
  return known.get(link)
}

const mergeOf = (history: History, link: Link): Merged | undefined => {
  const then = before(link.position)
  const [into, from] = [history.versionAt(link.target, then), history.versionAt(link.source, then)]
  if (into === undefined || from === undefined) return undefined
  const lost = Object.keys(from.properties).filter((key) => {
    const kept = Json.get(into.properties, key)
    return kept !== undefined && !Json.equals(kept, Json.get(from.properties, key))
  })
  return {
    link,
    target: nameOf(into.properties) ?? link.target,
    source: nameOf(from.properties) ?? link.source,
    lost: lost.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)),
    areBothIdentified: into.isIdentified && from.isIdentified,
    isByOperator: link.event.event._tag === "PersonsMerged",
  }
}

/** True for a merge that somebody should look at: that is how a wrong one looks. */
export const isWorthALook = ({ lost, areBothIdentified, isByOperator }: Merged): boolean =>
  lost.length > 0 || areBothIdentified || isByOperator
