import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as ChangeForms from "@onymous/api/forms/ChangeForms"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as FileLogs from "../../input/FileLogs.ts"
import * as JsonText from "../../input/JsonText.ts"
import { differenceText } from "../../output/DifferenceText.ts"
import type { Width } from "../../output/TextWrap.ts"
import { answer } from "../../asking/Ask.ts"
import { ofFlag, orWrongUse } from "../../asking/AskingError.ts"
import { past } from "../../flags/PastFlags.ts"

/** Shows the difference that left-out events, inserted events or another policy would make. */
export const whatIf = Command.make(
  "what-if",
  {
    ...past,
    without: Flag.String("without").pipe(
      Flag.withDescription("The uuid of an event that never came; may be repeated"),
      Flag.atLeast(0),
    ),
    insert: Flag.String("insert").pipe(
      Flag.withDescription("A file of events that came, too"),
      Flag.optional,
    ),
    policy: Flag.KeyValuePair("policy").pipe(
      Flag.withDescription("FIELD=VALUE that held, the value as JSON or plain text"),
      Flag.withDefault({}),
    ),
    from: Flag.String("from").pipe(
      Flag.withDescription("Where events are inserted, or from where on the policy held"),
      Flag.optional,
    ),
  },
  Effect.fn(function* (given) {
    const { without, from } = given
    const insert = Option.isSome(given.insert) ? yield* FileLogs.valuesOf(given.insert.value) : []
    const payload = {
      without,
      insert,
      policy: yield* policyOf(given.policy),
      from: Option.getOrUndefined(from),
    }
    yield* answer(given, {
      question: ({ past, params }) => past.whatIf({ params, query: {}, payload }),
      text: print,
      points: { "--from": from },
    })
  }),
).pipe(Command.withDescription("Show what would be different; nothing is written"))

const print = (form: typeof ChangeForms.WhatIf.Type, width: Width): ReadonlyArray<string> => [
  ...differenceText(form, width),
  `It can reach ${form.blast_radius} distinct ids at the most.`,
]

const policyOf = (given: Readonly<Record<string, string>>) => {
  const fields = Object.entries(given).map(([field, text]) => [field, JsonText.read(text)] as const)
  return fields.length === 0
    ? Effect.undefined
    : orWrongUse(PolicyChange.decode(Object.fromEntries(fields)), ofFlag("--policy"))
}
