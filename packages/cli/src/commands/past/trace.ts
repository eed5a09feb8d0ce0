import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import * as Trace from "@onymous/timetravel/questions/Trace"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import { CouldNot } from "../../CommandError.ts"
import { table } from "../../output/Table.ts"
import { asking, past } from "../../flags/PastFlags.ts"

/** Shows what the rules made of one event: each check, and the state before and after. */
export const trace = Command.make(
  "trace",
  {
    event: Argument.String("event").pipe(Argument.withDescription("A uuid or a position")),
    ...past,
  },
  Effect.fn(function* (given) {
    const { project, traced } = yield* asking(
      given,
      Effect.fnUntraced(function* (source) {
        const found = yield* source.around(yield* source.point(given.event))
        if (found === undefined) return yield* new CouldNot({ message: "There is no such event." })
        const { history, recorded } = found
        return { project: history.project, traced: Trace.trace(history, recorded) }
      }),
    )
    yield* Console.log(given.json ? JSON.stringify(toJson(project, traced)) : print(traced))
  }),
).pipe(Command.withDescription("Show what the rules made of an event, check by check"))

const toJson = (project: Parameters<typeof HistoryForms.person>[0], traced: Trace.Trace) => ({
  ...HistoryForms.event(traced.recorded),
  checks: traced.checks,
  before: traced.before.map((view) => HistoryForms.person(project, view)),
  after: traced.after.map((view) => HistoryForms.person(project, view)),
  warnings: traced.warnings.map(HistoryForms.warning),
})

const print = ({ recorded, checks, before, after, remedies }: Trace.Trace): string => {
  const persons = (views: Trace.Trace["before"]) =>
    views
      .map(
        ({ id, distinctIds, properties }) =>
          `  ${id}  ${distinctIds.join(" ")}  ${JSON.stringify(properties)}`,
      )
      .join("\n") || "  nobody"
  return [
    `${recorded.position}  ${recorded.event.uuid}  ${HistoryForms.nameOf(recorded.event)}`,
    table(
      ["CHECK", "OUTCOME"],
      checks.map(({ check, outcome }) => [check, outcome]),
    ),
    `Before:\n${persons(before)}`,
    `After:\n${persons(after)}`,
    ...remedies.map((remedy) => `What would make it pass: ${remedy}`),
  ].join("\n")
}
