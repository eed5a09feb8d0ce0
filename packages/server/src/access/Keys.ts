import { Context, Data, Effect } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EnsureProject from "@onymous/log/EnsureProject"
import { EventLog, type EventLogError, serverKey } from "@onymous/log/EventLog"

/** The hash of a key. A plain hash suffices, because a key of 256 random bits cannot be guessed from it. */
export const hash = (key: string): string => createHash("sha256").update(key).digest("hex")

/** True for the key of a hash, and never for the empty text; takes as long for a wrong key. */
const isHashed = (key: string, keyHash: string): boolean => {
  const [given, kept] = [Buffer.from(hash(key)), Buffer.from(keyHash)]
  return key !== "" && given.length === kept.length && timingSafeEqual(given, kept)
}

/** True for a key of one of these hashes; takes as long for a wrong key. */
export const isOneOf = (hashes: ReadonlyArray<string>, key: string): boolean =>
  hashes.reduce((found, keyHash) => isHashed(key, keyHash) || found, false)

/** A new secret key. */
export const random = (): string => `onk_${randomBytes(32).toString("base64url")}`

/** True for a valid name of a key. */
export const isName = (name: string): boolean => /^[\w.@:+-]{1,64}$/.test(name)

/** The names that `isName` takes, in words. */
export const nameExpected = "1 to 64 letters of ASCII, digits and . _ @ : + -"

/** The hashes of the operator's keys, each of which opens every project; empty by default. */
export const Operator = Context.Reference<ReadonlyArray<string>>("@onymous/server/Keys/Operator", {
  defaultValue: () => [],
})

/** True for a key of the operator; takes as long for a wrong key. */
export const isOperators = Effect.map(Operator, (hashes) => (key: string) => isOneOf(hashes, key))

/** The token and keys that an operator gives, in place of random ones. */
export interface Given {
  readonly token?: string
  readonly key?: string
  /** A key that opens every project; it is not stored. */
  readonly operatorKey?: string
  /** A key that opens the metrics alone; it is not stored. */
  readonly metricsKey?: string
}

/** A given token or key is refused, because it would be easy to guess or to read. */
export class KeyRefused extends Data.TaggedError("KeyRefused")<{
  readonly field: "token" | "key" | "operator-key" | "metrics-key"
  readonly expected: string
}> {
  override get message(): string {
    return `${this.field}: expected ${this.expected}`
  }
}

/** The shortest key that is accepted, because shorter ones can be guessed; random keys have 47 characters. */
const lengthMin = 32

/** True for a key that fits into a header of any client, and that is too long to guess. */
const isStrong = (key: string): boolean => /^[\x21-\x7e]+$/.test(key) && key.length >= lengthMin

const strong = `at least ${lengthMin} printable ASCII characters without spaces`

/** The token of a project, and the hashes of its keys, before the start. */
interface Before {
  readonly token: string
  readonly hashes: ReadonlyArray<string>
}

const refuse = (field: KeyRefused["field"], expected: string) => new KeyRefused({ field, expected })

/** The refusal of a token that is also a key, because tokens are public: pages show them to everybody. */
const tokenRefusal = ({ token, key }: Given, before?: Before): KeyRefused | undefined => {
  if (token === undefined) return undefined
  if (token === "") return refuse("token", "a text that is not empty")
  if (/^(phx|onk)_/.test(token)) {
    return refuse("token", "a public token: phx_… and onk_… are secret keys")
  }
  // A given key replaces the server's key, which may then serve as the token.
  return key === undefined && isOneOf(before?.hashes ?? [], token)
    ? refuse("token", "another text than a secret key")
    : undefined
}

/** The refusal of a given token or key; undefined where all are accepted. */
export const refusalOf = (given: Given, before?: Before): KeyRefused | undefined => {
  const { token = before?.token, key, operatorKey, metricsKey } = given
  if (key !== undefined && key === token) {
    return refuse("key", "another text than the token, which is public")
  }
  const secret = "a secret text: tokens, as all of phc_…, are public"
  if (key?.startsWith("phc_") === true) return refuse("key", secret)
  if (key !== undefined && !isStrong(key)) return refuse("key", strong)
  for (const [field, own] of [
    ["operator-key", operatorKey],
    ["metrics-key", metricsKey],
  ] as const) {
    if (own === undefined) continue
    if (own === token || own.startsWith("phc_")) return refuse(field, secret)
    if (!isStrong(own)) return refuse(field, strong)
  }
  return tokenRefusal(given, before)
}

/** The token and key of a project, as the server shows them at its start. */
export interface Keys {
  readonly token: string
  readonly key:
    | { readonly _tag: "Made"; readonly text: string }
    /** The operator gave the key, so it is not shown. */
    | { readonly _tag: "Given" }
    /** Only the hash of the key is stored, so it cannot be shown. */
    | { readonly _tag: "Kept" }
}

/**
 * Makes the project on the first start, with the given token and key or random ones. On later starts, given ones
 * replace the earlier ones, and a project without a key that holds gets one. Of several simultaneous starts one makes
 * the key, and only that one shows it.
 */
export const ensureProject = Effect.fn("Keys.ensureProject")(function* (
  id: ProjectId,
  given: Given,
): Effect.fn.Return<Keys, EventLogError | KeyRefused, EventLog> {
  const log = yield* EventLog
  const before = yield* log.project(id)
  const hashes = (yield* log.keyHashes(id)) ?? []
  const refusal = refusalOf(given, before && { token: before.token, hashes })
  if (refusal !== undefined) return yield* refusal
  const own = { project: id, name: serverKey }
  if (given.key !== undefined) {
    const keyHash = hash(given.key)
    const { token } = yield* EnsureProject.ensureProject(id, { token: given.token, keyHash })
    yield* log.addKey({ ...own, hash: keyHash, where: "any" })
    return { token, key: { _tag: "Given" } }
  }
  const text = random()
  const made = hash(text)
  const { token } = yield* EnsureProject.ensureProject(id, { token: given.token, keyHash: made })
  // Projects made by an import or by the library have no key yet.
  yield* log.addKey({ ...own, hash: made, where: "none holds" })
  const isHeld = (yield* log.keyHashes(id))?.includes(made) === true
  return { token, key: isHeld ? { _tag: "Made", text } : { _tag: "Kept" } }
})
