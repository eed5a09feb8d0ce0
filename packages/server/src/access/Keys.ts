import { Context, Data, Effect } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EnsureProject from "@onymous/log/EnsureProject"
import { EventLog, type EventLogError, serverKey } from "@onymous/log/EventLog"

/** A key is 256 random bits, so that a plain hash of it can't be guessed back. */
export const hash = (key: string): string => createHash("sha256").update(key).digest("hex")

/** True for the key that has a hash, which no empty text is; takes as long for a wrong one. */
const isHashed = (key: string, keyHash: string): boolean => {
  const [given, kept] = [Buffer.from(hash(key)), Buffer.from(keyHash)]
  return key !== "" && given.length === kept.length && timingSafeEqual(given, kept)
}

/** True for a key that one of these hashes is of; takes as long for a wrong one. */
export const isOneOf = (hashes: ReadonlyArray<string>, key: string): boolean =>
  hashes.reduce((found, keyHash) => isHashed(key, keyHash) || found, false)

/** A new secret key. */
export const random = (): string => `onk_${randomBytes(32).toString("base64url")}`

/** What a key may be called. */
export const isName = (name: string): boolean => /^[\w.@:+-]{1,64}$/.test(name)

/** The names that `isName` takes, in words. */
export const nameExpected = "1 to 64 letters of ASCII, digits and . _ @ : + -"

/** The hashes of the operator's keys, each of which opens every project; nothing does where there is none. */
export const Operator = Context.Reference<ReadonlyArray<string>>("@onymous/server/Keys/Operator", {
  defaultValue: () => [],
})

/** Tells a key of the operator; takes as long for a wrong one. */
export const isOperators = Effect.map(Operator, (hashes) => (key: string) => isOneOf(hashes, key))

/** What an operator names instead of what would be made at random. */
export interface Given {
  readonly token?: string
  readonly key?: string
  /** Opens every project, and is stored nowhere. */
  readonly operatorKey?: string
  /** Opens the metrics alone, and is stored nowhere. */
  readonly metricsKey?: string
}

/** A token or key that would let anybody in is not taken. */
export class KeyRefused extends Data.TaggedError("KeyRefused")<{
  readonly field: "token" | "key" | "operator-key" | "metrics-key"
  readonly expected: string
}> {
  override get message(): string {
    return `${this.field}: expected ${this.expected}`
  }
}

/** A shorter key can be guessed: the made ones have 47 characters. */
const lengthMin = 32

/** What every client can send in a header, every server reads alike, and nobody guesses. */
const isStrong = (key: string): boolean => /^[\x21-\x7e]+$/.test(key) && key.length >= lengthMin

const strong = `at least ${lengthMin} printable ASCII characters without spaces`

/** The keys that a project has, and its token. */
interface Before {
  readonly token: string
  readonly hashes: ReadonlyArray<string>
}

const refuse = (field: KeyRefused["field"], expected: string) => new KeyRefused({ field, expected })

/** Why a token is not taken: it is public, it stands on pages for everybody to read. */
const tokenRefusal = ({ token, key }: Given, before?: Before): KeyRefused | undefined => {
  if (token === undefined) return undefined
  if (token === "") return refuse("token", "a text that is not empty")
  if (/^(phx|onk)_/.test(token)) {
    return refuse("token", "a public token: phx_… and onk_… are secret keys")
  }
  // A given key takes the place of the server's own: of that one the token may be made.
  return key === undefined && isOneOf(before?.hashes ?? [], token)
    ? refuse("token", "another text than a secret key")
    : undefined
}

/** Why given ones are not taken. */
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

/** What the operator gets to know of a project's keys when the server starts. */
export interface Keys {
  readonly token: string
  readonly key:
    | { readonly _tag: "Made"; readonly text: string }
    /** The operator gave this key, and so it is not shown. */
    | { readonly _tag: "Given" }
    /** It is stored as a hash alone. */
    | { readonly _tag: "Kept" }
}

/**
 * Makes the project on the first start, with the given token and key or random ones; on later starts
 * given ones replace those before, and a project in which no key holds gets one. A key that is told holds: of
 * several starts at once, one makes it.
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
  // An import or a library makes projects that nobody has a key to yet.
  yield* log.addKey({ ...own, hash: made, where: "none holds" })
  const isHeld = (yield* log.keyHashes(id))?.includes(made) === true
  return { token, key: isHeld ? { _tag: "Made", text } : { _tag: "Kept" } }
})
