import { Console, Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import { clean, cleanText, type Json } from "@onymous/identity/encoding/Json"
import * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Presets from "@onymous/identity/policy/Presets"
import * as OperatorActions from "@onymous/projector/OperatorActions"
import { policyAt } from "@onymous/persons/PolicyHistory"
import { caughtUp } from "../../CaughtUp.ts"
import { onDatabase } from "../../flags/DatabaseFlags.ts"
import { WrongUse } from "../../CommandError.ts"
import { table } from "../../output/Table.ts"
import { at, fileAt, past, positionAt, projectOf } from "../../flags/PastFlags.ts"

/** A value as JSON, or as the text that it is. */
const read = (text: string): Json => {
  try {
    return clean(JSON.parse(text))
  } catch {
    return cleanText(text)
  }
}

/** Shows the rules of a project, and changes those that `--set` names: a fact in the log. */
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
    const wanted = Object.fromEntries(Object.entries(set).map(([key, text]) => [key, read(text)]))
    const change = PolicyChange.decode(wanted)
    if (Result.isFailure(change)) {
      const { field, expected } = change.failure
      return yield* new WrongUse({ message: `${field}: expected ${expected}` })
    }
    const isChange = Object.keys(wanted).length > 0
    if (isChange && (Option.isSome(given.file) || Option.isSome(given.at))) {
      return yield* new WrongUse({ message: "--set: expected neither --file nor --at" })
    }
    const ofDatabase = Effect.gen(function* () {
      if (isChange) yield* OperatorActions.changePolicy(id, change.success)
      const head = yield* caughtUp(id)
      const at = yield* positionAt(id, given.at)
      return { policy: yield* policyAt(id, at), position: at ?? head }
    })
    const ofFile = Effect.map(fileAt(given), ({ history, position }) => ({
      policy: history.policyAt(position),
      position,
    }))
    const answer = yield* Option.isSome(given.file) ? ofFile : onDatabase(given, ofDatabase)
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
