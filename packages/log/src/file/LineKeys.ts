import type { Invalid } from "@onymous/identity/encoding/Invalid"
import * as Json from "@onymous/identity/encoding/Json"

/** The keys of which each makes a line one of its kind; a line has one of them. */
const kinds = ["policy", "api", "advance_to", "event"] as const

/** The keys that a line of any kind may have, because exports write them. */
const shared: ReadonlySet<string> = new Set(["project", "received_at", "timestamp", "uuid"])

/**
 * What a line says that nobody would read: that it is of a second kind, or a key that policies and ticks do not have.
 * Commands check their own keys. Events have any keys, because clients send more than is read.
 */
export const strayIn = (line: Json.JsonObject): Invalid | undefined => {
  const [kind, second] = kinds.filter((each) => Object.hasOwn(line, each))
  if (kind === undefined || kind === "event") return undefined
  if (second !== undefined) return { field: second, expected: `none beside ${kind}` }
  if (kind === "api") return undefined
  const field = Object.keys(line).find((key) => key !== kind && !shared.has(key))
  return field === undefined ? undefined : { field, expected: "no such field" }
}

/** A line without the keys that a line of any kind may have. */
export const withoutShared = (line: Json.JsonObject): Json.JsonObject => {
  const rest = Json.emptyObject()
  for (const [key, value] of Object.entries(line)) if (!shared.has(key)) rest[key] = value
  return rest
}
