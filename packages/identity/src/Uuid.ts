import { sha1 } from "@noble/hashes/legacy.js"
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js"

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for the textual form of a UUID, of any version. */
export const isUuid = (value: unknown): value is string =>
  typeof value === "string" && form.test(value)

/** The 16 bytes of a UUID. */
export const toBytes = (uuid: string): Uint8Array => hexToBytes(uuid.replaceAll("-", ""))

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

const toText = (bytes: Uint8Array): string => {
  let text = ""
  for (let index = 0; index < 16; index++) {
    text += hex[bytes[index] ?? 0]
    if (index === 3 || index === 5 || index === 7 || index === 9) text += "-"
  }
  return text
}

/** The UUIDv5 (RFC 9562 §5.5) of a name in a namespace: always the same one. */
export const v5 = (name: string, namespace: Uint8Array): string => {
  const nameBytes = utf8ToBytes(name)
  const input = new Uint8Array(16 + nameBytes.length)
  input.set(namespace)
  input.set(nameBytes, 16)
  const hash = sha1(input)
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  return toText(hash)
}
