import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError, type Project } from "./EventLog.ts"

/** What a project gets; it keeps its own token where none is named. */
export interface Wanted {
  readonly token?: string | undefined
  /** The hash of a first key, for a project that is made now. */
  readonly keyHash?: string | undefined
}

/**
 * Makes a project that is not there yet, and gives it this token. Without one a new project has a
 * token that no client was ever told.
 */
export const ensureProject = Effect.fn("EventLog.ensureProject")(
  function* (
    id: ProjectId,
    wanted: Wanted = {},
  ): Effect.fn.Return<Project, EventLogError, EventLog> {
    const log = yield* EventLog
    const project = yield* log.project(id)
    const {
      token = project?.token ?? `phc_${randomBytes(32).toString("base64url")}`,
      keyHash = "",
    } = wanted
    if (project === undefined) return yield* log.createProject({ id, token, keyHash })
    if (token !== project.token) yield* log.setToken(id, token)
    return { ...project, token }
  },
  // Another process may make the project between the look and the making: the second look finds it.
  Effect.retry({ times: 1, while: ({ reason }) => reason._tag === "ProjectExists" }),
)
