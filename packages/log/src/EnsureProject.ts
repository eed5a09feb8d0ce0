import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError, type Project } from "./EventLog.ts"

/** What to give to a project; without a token it keeps its own. */
export interface Wanted {
  readonly token?: string | undefined
  /** The hash of the first key of a new project. */
  readonly keyHash?: string | undefined
}

/** Makes a project if it is absent, and gives it this token; without one, a new project gets a random token. */
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
  // Another process may make the project in between: the second attempt finds it.
  Effect.retry({ times: 1, while: ({ reason }) => reason._tag === "ProjectExists" }),
)
