import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { nameOf } from "@onymous/api/forms/EventForms"
import type * as Trace from "@onymous/timetravel/questions/Trace"
import { table } from "../../output/Table.ts"
import { answerPast, past } from "../../flags/PastFlags.ts"

/** Shows the checks of one event, and the persons before and after it. */
export const trace = Command.make(
  "trace",
  {
    event: Argument.String("event").pipe(Argument.withDescription("A uuid or a position")),
    ...past,
  },
  Effect.fn(function* (given) {
    yield* answerPast(given, (past, project) => past.trace(project, given.event), {
      form: (traced, project) => ChangeForms.trace(project, traced),
      text: print,
    })
  }),
).pipe(Command.withDescription("Show what the rules made of an event, check by check"))

const print = ({ recorded, checks, before, after, remedies }: Trace.Trace): string => {
  const persons = (views: Trace.Trace["before"]) =>
    views
      .map(
        ({ id, distinctIds, properties }) =>
          `  ${id}  ${distinctIds.join(" ")}  ${JSON.stringify(properties)}`,
      )
      .join("\n") || "  nobody"
  return [
    `${recorded.position}  ${recorded.event.uuid}  ${nameOf(recorded.event)}`,
    table(
      ["CHECK", "OUTCOME"],
      checks.map(({ check, outcome }) => [check, outcome]),
    ),
    `Before:\n${persons(before)}`,
    `After:\n${persons(after)}`,
    ...remedies.map((remedy) => `What would make it pass: ${remedy}`),
  ].join("\n")
}
