import { Console, Effect, Result } from "effect"
import { Command, Flag } from "effect/cli"
import { clean, cleanText, type Json } from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import * as Operations from "@onymous/projector/Operations"
import { Persons } from "@onymous/projector/Persons"
import { caughtUp } from "../CaughtUp.ts"
import { database, json, onDatabase, project, WrongUse } from "../Options.ts"
import { table } from "../Output.ts"

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
    ...database,
    project,
    set: Flag.KeyValuePair("set").pipe(
      Flag.withDescription("FIELD=VALUE, the value as JSON or as plain text; may be repeated"),
      Flag.withDefault({}),
    ),
    json,
  },
  Effect.fn(function* ({ project: id, set, json: asJson, ...location }) {
    const wanted = Object.fromEntries(Object.entries(set).map(([key, text]) => [key, read(text)]))
    const change = Policy.decode(wanted)
    if (Result.isFailure(change)) {
      const { field, expected } = change.failure
      return yield* new WrongUse({ message: `${field}: expected ${expected}` })
    }
    const program = Effect.gen(function* () {
      if (Object.keys(wanted).length > 0) yield* Operations.changePolicy(id, change.success)
      const position = yield* caughtUp(id)
      const checkpoint = yield* (yield* Persons).checkpoint(id)
      return { policy: checkpoint?.policy ?? Policy.page, position }
    })
    const answer = yield* onDatabase(location, program)
    yield* Console.log(asJson ? JSON.stringify(answer) : print(answer.policy))
  }),
).pipe(Command.withDescription("Show the rules of a project, or change them"))

const print = (policy: Policy.Policy): string =>
  table(
    ["FIELD", "VALUE", "PRESET"],
    Object.entries(policy).map(([field, value]) => {
      const preset = Object.entries(Policy.presets[policy.preset]).find(([key]) => key === field)
      const [own, given] = [JSON.stringify(value), JSON.stringify(preset?.[1])]
      return [field, own, own === given ? "" : given]
    }),
  )
