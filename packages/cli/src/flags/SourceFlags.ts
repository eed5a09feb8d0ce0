import type { Option } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { database, json, type Location, project } from "./DatabaseFlags.ts"
import { type Setting, setting } from "./Setting.ts"

/** The flags that name the source of answers: a running server, or a database. */
export const source = {
  url: setting("url", "ONYMOUS_URL", "A running server, as http://…"),
  key: setting("key", "ONYMOUS_KEY", "Secret key for --url: the project's, or the operator's"),
  ...database,
}

/** The flags of a command that acts on a project. */
export const acting = { ...source, project, json }

/** The source and the project, as flags and environment give them. */
export interface Given extends Location {
  readonly url: Option.Option<Setting>
  readonly key: Option.Option<Setting>
  readonly project: Option.Option<ProjectId>
  readonly json: boolean
  /** A file in their place. */
  readonly file?: Option.Option<string>
  readonly preset?: "page" | "posthog"
  readonly strict?: boolean
}
