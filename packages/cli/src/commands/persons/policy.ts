import { Console, Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Presets from "@onymous/identity/policy/Presets"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { policyAt } from "@onymous/persons/PolicyHistory"
import { projectNow } from "../../CaughtUp.ts"
import { onDatabase } from "../../flags/DatabaseFlags.ts"
import { WrongUse } from "../../CommandError.ts"
import * as JsonText from "../../input/JsonText.ts"
import { table } from "../../output/Table.ts"
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
    yield* Console.log(given.json ? JSON.stringify(answer) : print(answer.policy))
  }),
).pipe(Command.withDescription("Show the rules of a project, or change them"))

const print = (policy: Policy.Policy): string =>
  table(
    ["FIELD", "VALUE", "PRESET"],
    Object.entries(policy).map(([field, value]) => {
      const preset = Object.entries(Presets.presets[policy.preset]).find(([key]) => key === field)
      const [own, given] = [JSON.stringify(value), JSON.stringify(preset?.[1])]
      return [field, own, own === given ? "" : given]
    }),
  )
