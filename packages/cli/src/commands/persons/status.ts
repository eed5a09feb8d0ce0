import { Effect } from "effect"
import { Command } from "effect/cli"
import type * as ProjectForms from "@onymous/api/forms/ProjectForms"
import { answer } from "../../asking/Ask.ts"
import { SaysNo } from "../../CommandError.ts"
import { acting } from "../../flags/SourceFlags.ts"

/** Shows the log's head and the position of the persons; unlike other questions, it does not wait for them. */
export const status = Command.make(
  "status",
  acting,
  Effect.fn(function* (given) {
    const { stopped, lag } = yield* answer(given, {
      question: ({ project, params }) => project.status({ params, query: {} }),
      text: print,
      waits: false,
    })
    if (stopped !== null) return yield* new SaysNo({ code: "stopped", message: stopped })
    if (lag === null) {
      const message = "The persons were derived from another log."
      return yield* new SaysNo({ code: "stopped", message })
    }
  }),
).pipe(Command.withDescription("Show how far the persons are behind the log"))

/** The owner of a project, as the one who answers sees it. */
const owners = { here: "by the process that answers", elsewhere: "by another process" }

const lagOf = ({ stopped, lag }: typeof ProjectForms.Status.Type): string => {
  if (stopped !== null || lag === null) return "and stay there"
  return lag === 0 ? "caught up" : `${lag} behind`
}

const print = (form: typeof ProjectForms.Status.Type): ReadonlyArray<string> => [
  `Project ${form.project}: the log ends at ${form.head}, the persons are at ${form.checkpoint}, ${lagOf(form)}.`,
  ...(form.owner === null ? [] : [`The persons are derived ${owners[form.owner]}.`]),
  `State ${form.state_hash}, log ${form.log_id}.`,
]
