import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Presets from "@onymous/identity/policy/Presets"
import { answer } from "../../asking/Ask.ts"
import { named, ofFlag, orWrongUse } from "../../asking/AskingError.ts"
import { WrongUse } from "../../CommandError.ts"
import * as JsonText from "../../input/JsonText.ts"
import { table, text } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { at, past } from "../../flags/PastFlags.ts"

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
    const wanted = Object.fromEntries(
      Object.entries(set).map(([key, text]) => [key, JsonText.read(text)]),
    )
    const payload = yield* orWrongUse(PolicyChange.decode(wanted), ofFlag("--set"))
    const isChange = Object.keys(wanted).length > 0
    if (isChange && (Option.isSome(given.file) || Option.isSome(given.at))) {
      return yield* new WrongUse({ message: "--set: expected neither --file nor --at" })
    }
    const query = { at: Option.getOrUndefined(given.at) }
    yield* answer(given, {
      question: Effect.fnUntraced(function* ({ project, operations, params, settled }) {
        if (isChange) {
          const { position } = yield* operations.changePolicy({ params, query: {}, payload })
          yield* settled(position)
        }
        return yield* project.policy({ params, query })
      }),
      text: print,
      isAct: isChange,
      names: isChange ? ofFlag("--set") : named({}),
      points: { "--at": given.at },
    })
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
