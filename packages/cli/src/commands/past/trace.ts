import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { isDeepStrictEqual } from "node:util"
import type * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { type Difference, differenceText } from "../../output/DifferenceText.ts"
import { idsOf } from "../../output/PersonText.ts"
import { table, text } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { answer } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { past } from "../../flags/PastFlags.ts"

/** Shows the checks of one event, and the persons before and after it. */
export const trace = Command.make(
  "trace",
  {
    event: Argument.String("event").pipe(Argument.withDescription("A uuid or a position")),
    ...past,
  },
  Effect.fn(function* (given) {
    yield* answer(given, {
      question: ({ past, params }) => past.trace({ params, query: { event: given.event } }),
      text: print,
      names: named({ event: "EVENT" }),
    })
  }),
).pipe(Command.withDescription("Show what the rules made of an event, check by check"))

type Trace = typeof ChangeForms.Trace.Type

const personsText = (persons: Trace["before"], width: Width): ReadonlyArray<string> =>
  persons.length === 0
    ? ["  nobody"]
    : persons.flatMap(({ person_id, distinct_ids, properties }) => [
        `  ${person_id}  ${idsOf(distinct_ids, width).join(" ")}`,
        ...Object.entries(properties).map(([key, value]) => `    ${key} ${JSON.stringify(value)}`),
      ])

/** The persons that differ before and after the event. */
const differenceOf = ({ before, after }: Trace): Difference => {
  const [old, young] = [before, after].map(
    (persons) => new Map(persons.map((person) => [person.person_id, person])),
  )
  const persons = [...new Set([...before, ...after].map(({ person_id }) => person_id))].flatMap(
    (id) => {
      const [was = null, is = null] = [old?.get(id), young?.get(id)]
      return isDeepStrictEqual(was, is) ? [] : [{ before: was, after: is }]
    },
  )
  return { persons, warnings: { added: [], removed: [] } }
}

const print = (traced: Trace, width: Width): ReadonlyArray<string> => {
  const difference = differenceOf(traced)
  return [
    `${traced.position}  ${traced.received_at}  ${traced.event}  ${traced.event_uuid}`,
    ...table(
      [text("CHECK"), text("OUTCOME")],
      traced.checks.map(({ check, outcome }) => [check, outcome]),
      width,
    ),
    "Before:",
    ...personsText(traced.before, width),
    difference.persons.length === 0 ? "After: the same." : "After:",
    ...(difference.persons.length === 0
      ? []
      : differenceText(difference, width).map((line) => `  ${line}`)),
    ...traced.remedies.map((remedy) => `What would make it pass: ${remedy}`),
  ]
}
