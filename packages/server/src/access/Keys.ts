import { Context, Data, Effect } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EnsureProject from "@onymous/log/EnsureProject"
import { EventLog, type EventLogError, type Project } from "@onymous/log/EventLog"

/** A key is 256 random bits, so that a plain hash of it can't be guessed back. */
export const hash = (key: string): string => createHash("sha256").update(key).digest("hex")

/** True for the key that has a hash, which no empty text is; takes as long for a wrong one. */
const isHashed = (key: string, keyHash: string): boolean => {
  const [given, kept] = [Buffer.from(hash(key)), Buffer.from(keyHash)]
  return key !== "" && given.length === kept.length && timingSafeEqual(given, kept)
}

/** True for the key of a project; takes as long for a wrong one. */
export const isKeyOf = (project: Project, key: string): boolean => isHashed(key, project.keyHash)

/** The hash of the operator's key, which opens every project; nothing does where there is none. */
export const Operator = Context.Reference<string | undefined>("@onymous/server/Keys/Operator", {
  defaultValue: () => undefined,
})

/** Tells the operator's key; takes as long for a wrong one. */
export const isOperators = Effect.map(
  Operator,
  (keyHash) => (key: string) => keyHash !== undefined && isHashed(key, keyHash),
)

/** What an operator names instead of what would be made at random. */
export interface Given {
  readonly token?: string
  readonly key?: string
  /** Opens every project, and is stored nowhere. */
  readonly operatorKey?: string
}

/** A token or key that would let anybody in is not taken. */
export class KeyRefused extends Data.TaggedError("KeyRefused")<{
  readonly field: "token" | "key" | "operator-key"
  readonly expected: string
}> {
  override get message(): string {
    return `${this.field}: expected ${this.expected}`
  }
}

/** What every client can send in a header, and every server reads alike. */
const isSendable = (key: string): boolean => /^[\x21-\x7e]+$/.test(key)

const sendable = "printable ASCII characters without spaces, at least one"

/** Why given ones are not taken: the token is public, it stands on the page for everybody to read. */
export const refusalOf = (given: Given, before?: Project): KeyRefused | undefined => {
  const { token = before?.token, key, operatorKey } = given
  if (given.token === "") {
    return new KeyRefused({ field: "token", expected: "a text that is not empty" })
  }
  if (key !== undefined && !isSendable(key)) {
    return new KeyRefused({ field: "key", expected: sendable })
  }
  if (operatorKey !== undefined && !isSendable(operatorKey)) {
    return new KeyRefused({ field: "operator-key", expected: sendable })
  }
  if (operatorKey !== undefined && (operatorKey === token || operatorKey.startsWith("phc_"))) {
    const expected = "a secret text: tokens, as all of phc_…, are public"
    return new KeyRefused({ field: "operator-key", expected })
  }
  if (given.token !== undefined && /^(phx|onk)_/.test(given.token)) {
    const expected = "a public token: phx_… and onk_… are secret keys"
    return new KeyRefused({ field: "token", expected })
  }
  const isKeyBefore =
    before !== undefined && given.token !== undefined && isKeyOf(before, given.token)
  if (isKeyBefore && key === undefined) {
    return new KeyRefused({ field: "token", expected: "another text than the secret key" })
  }
  return key !== undefined && key === token
    ? new KeyRefused({ field: "key", expected: "another text than the token, which is public" })
    : undefined
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
 * given ones replace those before, and a project without a key gets one.
 */
export const ensureProject = Effect.fn("Keys.ensureProject")(function* (
  id: ProjectId,
  given: Given,
): Effect.fn.Return<Keys, EventLogError | KeyRefused, EventLog> {
  const before = yield* (yield* EventLog).project(id)
  const refusal = refusalOf(given, before)
  if (refusal !== undefined) return yield* refusal
  if (given.key !== undefined) {
    const keyHash = hash(given.key)
    const { token } = yield* EnsureProject.ensureProject(id, { token: given.token, keyHash })
    return { token, key: { _tag: "Given" } }
  }
  const text = `onk_${randomBytes(32).toString("base64url")}`
  const made = hash(text)
  // An import or a library makes projects that nobody has a key to yet; the hash of no text opens to nobody.
  const isClosed = before?.keyHash === hash("")
  const { token, keyHash } = yield* EnsureProject.ensureProject(id, {
    token: given.token,
    ...(isClosed ? { keyHash: made } : { madeKeyHash: made }),
  })
  return { token, key: keyHash === made ? { _tag: "Made", text } : { _tag: "Kept" } }
})
