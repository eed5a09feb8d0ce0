import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type Json, clean, cleanText } from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import type { History } from "@onymous/timetravel/History"
import * as Views from "@onymous/timetravel/Views"
import * as WhatIf from "@onymous/timetravel/WhatIf"
import { print } from "../Differences.ts"
import { WrongUse } from "../Options.ts"
import { historyOf, orWrongUse, past, pointOf, replayed } from "../Past.ts"

/** Shows what would be different, had some events not come, others come, or other rules held. */
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
    const history = yield* historyOf(given)
    const policy = yield* policyOf(given.policy)
    const insert = Option.isSome(given.insert)
      ? (yield* replayed(given.insert.value, given.preset)).logs().flatMap(([, log]) => log)
      : []
    const edit: WhatIf.Edit = {
      without: yield* uuidsOf(history, given.without),
      insert,
      ...(policy !== undefined && { policy }),
      ...(Option.isSome(given.from) && { from: yield* pointOf(history, given.from.value) }),
    }
    const radius = WhatIf.blastRadius(history, edit)
    yield* Console.error(`It can reach ${radius} distinct ids at the most.`)
    const difference = WhatIf.whatIf(history, edit)
    yield* Console.log(
      given.json
        ? JSON.stringify(Views.difference(history.project, difference))
        : print(difference),
    )
  }),
).pipe(Command.withDescription("Show what would be different; nothing is written"))

const uuidsOf = Effect.fnUntraced(function* (history: History, uuids: ReadonlyArray<string>) {
  const unknown = uuids.find((uuid) => history.eventOf(uuid) === undefined)
  if (unknown === undefined) return new Set(uuids.map((uuid) => uuid.toLowerCase()))
  return yield* new WrongUse({ message: `--without: no event has the uuid ${unknown}` })
})

const read = (text: string): Json => {
  try {
    return clean(JSON.parse(text))
  } catch {
    return cleanText(text)
  }
}

const policyOf = (given: Readonly<Record<string, string>>) => {
  const fields = Object.entries(given).map(([field, text]) => [field, read(text)] as const)
  return fields.length === 0
    ? Effect.undefined
    : orWrongUse(Policy.decode(Object.fromEntries(fields)))
}
