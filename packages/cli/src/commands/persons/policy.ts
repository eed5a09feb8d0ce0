import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Presets from "@onymous/identity/policy/Presets"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { policyAt } from "@onymous/persons/PolicyHistory"
import { projectNow } from "../../CaughtUp.ts"
import { onDatabase } from "../../flags/DatabaseFlags.ts"
import { WrongUse } from "../../CommandError.ts"
import * as JsonText from "../../input/JsonText.ts"
import * as Answer from "../../output/Answer.ts"
import { table, text } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { askPersons, asOf, at, past, projectOf } from "../../flags/PastFlags.ts"

/** Shows the policy of a project, and changes the fields of `--set` by an event in the log. */
export const policy = Command.make(
  "policy",
  {
    ...past,
    at,
    set: Flag.KeyValuePair("set").pipe(
      Flag.withDescription("FIELD=VALUE, the value as JSON or as plain text; may be repeated"),
      Flag.withDefault({}),
    ),
  },
  Effect.fn(function* ({ set, ...given }) {
    const id = projectOf(given)
    const wanted = Object.fromEntries(
      Object.entries(set).map(([key, text]) => [key, JsonText.read(text)]),
    )
    const change = PolicyChange.decode(wanted)
    if (Result.isFailure(change)) {
      const { field, expected } = change.failure
      return yield* new WrongUse({ message: `${field}: expected ${expected}` })
    }
    const isChange = Object.keys(wanted).length > 0
    if (isChange && (Option.isSome(given.file) || Option.isSome(given.at))) {
      return yield* new WrongUse({ message: "--set: expected neither --file nor --at" })
    }
    if (isChange) {
      const changed = Effect.flatMap(OperatorActions, (actions) =>
        actions.changePolicy(id, change.success),
      )
      yield* onDatabase(given, Effect.andThen(changed, projectNow(id)))
    }
    const answer = yield* askPersons(
      given,
      Effect.fnUntraced(function* (project) {
        const { at, position } = yield* asOf(project, given.at)
        return { policy: yield* policyAt(project, at), position }
      }),
    )
    yield* Answer.print(answer, given.json, print)
  }),
).pipe(Command.withDescription("Show the rules of a project, or change them"))

const print = ({ policy }: { readonly policy: Policy.Policy }, width: Width) =>
  table(
    [{ name: "FIELD" }, text("VALUE"), text("PRESET")],
    Object.entries(policy).map(([field, value]) => {
      const preset = Object.entries(Presets.presets[policy.preset]).find(([key]) => key === field)
      const [own, given] = [JSON.stringify(value), JSON.stringify(preset?.[1])]
      return [field, own, own === given ? "" : given]
    }),
    width,
  )
