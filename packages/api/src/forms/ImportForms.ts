import { Schema } from "effect"
import { Count, Project, text } from "./Listing.ts"

/** What came of lines that were appended to the log. */
export const Imported = Schema.Struct({
  lines: Count.annotate({ description: "How many lines were read" }),
  added: Count.annotate({ description: "How many events are new in the log" }),
  known: Count.annotate({ description: "How many events the log had before" }),
  reused: Count.annotate({
    description: "How many of these had other contents: the first one holds",
  }),
  bad: Count.annotate({ description: "How many lines were not taken" }),
  bad_lines: Schema.Array(
    Schema.Struct({
      line: Count.annotate({ description: "The number of the line, from 1 on" }),
      message: text("Why it was not taken", "distinct_id: expected a distinct id"),
    }).annotate({ description: "A line that was not taken" }),
  ).annotate({ description: "The first lines that were not taken, at most 100" }),
  projects: Schema.Array(Project).annotate({ description: "The projects of the lines" }),
}).annotate({ description: "What came of the lines" })

/** What came of lines that were appended to the log. */
export type Imported = typeof Imported.Type

/** The most bad lines that are told one by one. */
export const badLinesToldMax = 100

/** What came of no lines. */
export const none: Imported = {
  lines: 0,
  added: 0,
  known: 0,
  reused: 0,
  bad: 0,
  bad_lines: [],
  projects: [],
}

/** What came of some lines and those after them. */
export const both = (before: Imported, next: Imported): Imported => ({
  lines: before.lines + next.lines,
  added: before.added + next.added,
  known: before.known + next.known,
  reused: before.reused + next.reused,
  bad: before.bad + next.bad,
  bad_lines: [...before.bad_lines, ...next.bad_lines].slice(0, badLinesToldMax),
  projects: [...new Set([...before.projects, ...next.projects])].toSorted(),
})
