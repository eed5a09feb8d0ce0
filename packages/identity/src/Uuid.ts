import { Buffer } from "node:buffer"
import { hash } from "node:crypto"

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for the textual form of a UUID, of any version. */
export const isUuid = (value: unknown): value is string =>
  typeof value === "string" && form.test(value)

/** The 16 bytes of a UUID. */
export const toBytes = (uuid: string): Uint8Array => Buffer.from(uuid.replaceAll("-", ""), "hex")

/** A flat text: one that is put together of parts keeps all of them in memory. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1")

/** The UUIDv5 (RFC 9562 §5.5) of a name in a namespace: always the same one. */
export const v5 = (name: string, namespace: Uint8Array): string => {
  const input = Buffer.allocUnsafe(16 + Buffer.byteLength(name))
  input.set(namespace)
  input.write(name, 16)
  const digest = hash("sha1", input, "hex")
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16)
  const [a, b, c] = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(13, 16)]
  return flat(`${a}-${b}-5${c}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`)
}
