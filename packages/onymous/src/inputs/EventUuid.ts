import * as Uuid from "@onymous/identity/encoding/Uuid"
import { InvalidInput } from "../errors/InvalidInput.ts"

const namespace = Uuid.namespace("6f8a2c1e-3d57-4b8e-9a40-d1c5e7f90b26")

const isPart = (part: unknown): part is string | number | bigint =>
  typeof part === "string" || typeof part === "bigint" || Number.isFinite(part)

/** True for a number that several whole numbers share, so that their events would have one uuid. */
const isRounded = (part: string | number | bigint): boolean =>
  Number.isInteger(part) && !Number.isSafeInteger(part)

/**
 * The uuid of an event that has a key of its own, such as the id of an order: the same parts always give the same
 * uuid, so that what is captured again is one event. A number counts as its digits; beyond 2^53 it is given as a bigint
 * or a text.
 */
export const uuidOf = (...parts: ReadonlyArray<string | number | bigint>): string => {
  if (parts.length === 0 || !parts.every(isPart)) {
    throw new InvalidInput({ field: "parts", expected: "texts or numbers, at least one" })
  }
  const rounded = parts.findIndex(isRounded)
  if (rounded !== -1) {
    const expected = `a whole number up to ${Number.MAX_SAFE_INTEGER}, or a bigint or a text`
    throw new InvalidInput({ field: `parts[${rounded}]`, expected })
  }
  return Uuid.v5(JSON.stringify(parts.map(String)), namespace)
}
