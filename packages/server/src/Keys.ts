import { Effect } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, type EventLogError, type Project } from "@onymous/log/EventLog"

/** A key is 256 random bits, so that a plain hash of it can't be guessed back. */
export const hash = (key: string): string => createHash("sha256").update(key).digest("hex")

/** True for the key of a project; takes as long for a wrong one. */
export const isKeyOf = (project: Project, key: string): boolean => {
  const [given, kept] = [Buffer.from(hash(key)), Buffer.from(project.keyHash)]
  return given.length === kept.length && timingSafeEqual(given, kept)
}

const random = (prefix: string): string => `${prefix}_${randomBytes(32).toString("base64url")}`

/** What the operator gets to know of a project's keys when the server starts. */
export interface Keys {
  readonly token: string
  /** Only when it was made now, or given: it is stored as a hash alone. */
  readonly key: string | undefined
  readonly isNew: boolean
}

/**
 * Makes the project on the first start, with the given token and key or random ones; on later starts
 * given ones replace those before, and a project without a key gets one.
 */
export const ensureProject = Effect.fn("Keys.ensureProject")(function* (
  id: ProjectId,
  given: { readonly token?: string; readonly key?: string },
): Effect.fn.Return<Keys, EventLogError, EventLog> {
  const log = yield* EventLog
  const known = (yield* log.projects).find((project) => project.id === id)
  if (known === undefined) {
    const token = given.token ?? random("phc")
    const key = given.key ?? random("onk")
    yield* log.createProject({ id, token, keyHash: hash(key) })
    return { token, key, isNew: true }
  }
  const token = given.token ?? known.token
  // An import or a library makes projects that nobody has a key to yet.
  const isKeyless = known.keyHash === ""
  const key = given.key ?? (isKeyless ? random("onk") : undefined)
  const keyHash = key === undefined ? known.keyHash : hash(key)
  if (token !== known.token || keyHash !== known.keyHash) {
    yield* log.updateProject({ id, token, keyHash })
  }
  return { token, key, isNew: isKeyless }
})
