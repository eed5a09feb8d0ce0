import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError, type Project } from "./EventLog.ts"

/** The keys that a project gets; it keeps its own where one is undefined. */
export interface ProjectKeys {
  readonly token?: string | undefined
  readonly keyHash?: string | undefined
  /** The hash of a key for a project that has none: of several processes that make one, one has its key hold. */
  readonly madeKeyHash?: string | undefined
}

/**
 * Makes a project that is not there yet, and gives it these keys. Without them a new project has a
 * token that no client was ever told, and no secret key.
 */
export const ensureProject = Effect.fn("EventLog.ensureProject")(
  function* (
    id: ProjectId,
    keys: ProjectKeys = {},
  ): Effect.fn.Return<Project, EventLogError, EventLog> {
    const log = yield* EventLog
    const project = yield* log.project(id)
    const own = project?.keyHash || keys.madeKeyHash
    const {
      token = project?.token ?? `phc_${randomBytes(32).toString("base64url")}`,
      keyHash = own ?? "",
    } = keys
    if (project === undefined) return yield* log.createProject({ id, token, keyHash })
    if (token !== project.token || keyHash !== project.keyHash) {
      yield* log.updateProject({ id, token, keyHash })
    }
    return { ...project, token, keyHash }
  },
  // Another process may make the project between the look and the making: the second look finds it.
  Effect.retry({ times: 1, while: ({ reason }) => reason._tag === "ProjectExists" }),
)
