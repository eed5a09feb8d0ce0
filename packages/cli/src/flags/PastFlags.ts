import { Flag } from "effect/cli"
import { json, project } from "./DatabaseFlags.ts"
import { source } from "./SourceFlags.ts"

/** The flag that lets a bad line end the command. */
export const strict = Flag.Boolean("strict").pipe(
  Flag.withDescription("End at a line of the file that is no event, in place of telling it"),
  Flag.withDefault(false),
)

/** The flags that name the source of the past: a server, a database, or a file of events. */
export const past = {
  ...source,
  file: Flag.String("file").pipe(
    Flag.withDescription("Ask a file of events in place of a database; - for standard input"),
    Flag.optional,
  ),
  preset: Flag.Literals("preset", ["page", "posthog"]).pipe(
    Flag.withDescription("The rules that a file starts with; page by default"),
    Flag.withDefault("page"),
  ),
  strict,
  project,
  json,
}

/** The flag that names a point in the past. */
export const at = Flag.String("at").pipe(
  Flag.withDescription("A position, an ISO time, the uuid of an event, or 2h ago; now by default"),
  Flag.optional,
)
