import * as Bits128 from "./Bits128.ts"
import * as Sha1 from "./Sha1.ts"
import { Utf8 } from "./Utf8Buffer.ts"

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for the textual form of a UUID, of any version. */
export const isUuid = (value: unknown): value is string =>
  typeof value === "string" && form.test(value)

const forms =
  /^(?:urn:uuid:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/** The textual form of a UUID that came without hyphens, in braces or as a URN, in any case; none of another value. */
export const normalised = (value: unknown): string | undefined => {
  if (typeof value !== "string") return undefined
  if (form.test(value)) return value.toLowerCase()
  const bare = value.startsWith("{") && value.endsWith("}") ? value.slice(1, -1) : value
  return forms.exec(bare)?.slice(1).join("-").toLowerCase()
}

/** What the names of a namespace are written behind: the 16 bytes of its UUID. */
export const namespace = (uuid: string): Utf8 => {
  const pairs = uuid.replaceAll("-", "").match(/../g) ?? []
  return new Utf8(Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)))
}

const layout = Bits128.layout("-".repeat(36), [0, 4, 9, 14, 19, 24, 28, 32])

/** The UUIDv5 (RFC 9562 §5.5) of a name in a namespace: always the same one. */
export const v5 = (name: string, within: Utf8): string => {
  const { first, second, third, fourth } = Sha1.of(name, within)
  const version = (second & 0xffff0fff) | 0x5000
  const variant = (third & 0x3fffffff) | 0x80000000
  return Bits128.toText({ first, second: version, third: variant, fourth }, layout)
}
