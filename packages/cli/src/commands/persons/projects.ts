import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import type * as ProjectForms from "@onymous/api/forms/ProjectForms"
import { answer } from "../../asking/Ask.ts"
import { json } from "../../flags/DatabaseFlags.ts"
import { source } from "../../flags/SourceFlags.ts"
import { table, text, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

/** Lists the projects: a server shows them to its operator alone. */
export const projects = Command.make(
  "projects",
  { ...source, json },
  Effect.fn(function* (given) {
    yield* answer(
      { ...given, project: Option.none() },
      { question: ({ projects }) => projects.list({ query: {} }), text: print, waits: false },
    )
  }),
).pipe(Command.withDescription("List the projects"))

const columns = [
  text("PROJECT"),
  { name: "EVENTS" },
  { name: "KEY" },
  time("FIRST EVENT", 1),
  time("LAST EVENT", 2),
  text("TOKEN", 3),
]

const print = (
  { results }: typeof ProjectForms.Projects.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (results.length === 0) return ["There is no project."]
  const rows = results.map(({ project, events, has_key, first_event_at, last_event_at, token }) => [
    project,
    `${events}`,
    has_key ? "yes" : "no",
    first_event_at ?? "",
    last_event_at ?? "",
    token,
  ])
  return table(columns, rows, width)
}
