import { Clock, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import {
  type Answer,
  checkProjectId,
  type EventLog,
  type NewKey,
  type Project,
  type ProjectKey,
  projectExists,
  projectNotFound,
  serverKey,
} from "../EventLog.ts"

interface Key extends ProjectKey {
  readonly hash: string
}

/** A project and its keys, in memory. */
export interface ProjectEntry {
  project: Project
  keys: ReadonlyArray<Key>
}

/** The part of the service about projects and keys. */
export type Projects = Pick<
  EventLog["Service"],
  | "createProject"
  | "setToken"
  | "project"
  | "projectOf"
  | "projects"
  | "keys"
  | "keyHashes"
  | "addKey"
  | "endKey"
>

const holds = ({ endedAt }: ProjectKey): boolean => endedAt === undefined

/** The keys with a new one; undefined where it may not be added. */
const withKey = (keys: ReadonlyArray<Key>, { name, hash, where }: NewKey, now: number) => {
  const key: Key = { name, hash, madeAt: now, endedAt: undefined }
  const before = keys.find((each) => holds(each) && each.name === name)
  if (where === "none holds" && keys.some(holds)) return undefined
  if (before === undefined) return [...keys, key]
  return where === "any" ? keys.map((each) => (each === before ? key : each)) : undefined
}

/** The part of the service about keys. */
const keysOf = <Log extends ProjectEntry>(logs: ReadonlyMap<ProjectId, Log>) =>
  ({
    keys: (id) =>
      Effect.sync(() =>
        (logs.get(id)?.keys ?? []).map(({ name, madeAt, endedAt }) => ({ name, madeAt, endedAt })),
      ),
    keyHashes: (id) =>
      Effect.sync(() =>
        logs
          .get(id)
          ?.keys.filter(holds)
          .map(({ hash }) => hash),
      ),
    addKey: (wanted) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const log = logs.get(wanted.project)
        const keys = log && withKey(log.keys, wanted, now)
        if (log !== undefined && keys !== undefined) log.keys = keys
        return keys !== undefined
      }),
    endKey: (id, name) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const log = logs.get(id)
        const ended = log?.keys.find((key) => holds(key) && key.name === name)
        if (log === undefined || ended === undefined) return false
        log.keys = log.keys.map((key) => (key === ended ? { ...key, endedAt: now } : key))
        return true
      }),
  }) satisfies Partial<Projects>

/** Projects in memory; `begin` makes the log of a new one. */
export const make = <Log extends ProjectEntry>(
  logs: Map<ProjectId, Log>,
  begin: (entry: ProjectEntry) => Log,
): Projects => {
  const projects = () => [...logs.values()].map((log) => log.project)
  const ofToken = (wanted: string) => projects().find(({ token }) => token === wanted)
  const isTaken = (id: ProjectId, token: string) => (ofToken(token)?.id ?? id) !== id
  const setToken = (id: ProjectId, token: string): Answer<void> =>
    Effect.suspend(() => {
      const log = logs.get(id)
      if (log === undefined) return Effect.fail(projectNotFound(id))
      if (isTaken(id, token)) return Effect.fail(projectExists(id))
      log.project = { ...log.project, token }
      return Effect.void
    })
  return {
    ...keysOf(logs),
    createProject: Effect.fnUntraced(function* ({ id, token, keyHash }) {
      yield* checkProjectId(id)
      const now = yield* Clock.currentTimeMillis
      if (logs.has(id) || isTaken(id, token)) return yield* projectExists(id)
      const project = { id, token, logId: crypto.randomUUID() }
      const key = { name: serverKey, hash: keyHash, madeAt: now, endedAt: undefined }
      logs.set(id, begin({ project, keys: keyHash === "" ? [] : [key] }))
      return project
    }),
    setToken,
    project: (id) => Effect.sync(() => logs.get(id)?.project),
    projectOf: (token) => Effect.sync(() => ofToken(token)),
    projects: Effect.sync(() => projects().sort((a, b) => (a.id < b.id ? -1 : 1))),
  }
}
