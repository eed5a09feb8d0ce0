import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import { type Json, clean, cleanText } from "@onymous/identity/encoding/Json"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import * as WhatIf from "@onymous/timetravel/questions/WhatIf"
import * as EditedLog from "@onymous/timetravel/history/EditedLog"
import { print } from "../../output/DifferenceTable.ts"
import { bar, draw, drawn, moved, start } from "../../output/ProgressBar.ts"
import { WrongUse } from "../../CommandError.ts"
import { asking, orWrongUse, past, replayed, type Source } from "../../flags/PastFlags.ts"

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
    const policy = yield* policyOf(given.policy)
    const insert = Option.isSome(given.insert)
      ? (yield* replayed(given.insert.value, given.preset)).logs().flatMap(([, log]) => log)
      : []
    const { project, difference } = yield* asking(
      given,
      Effect.fnUntraced(function* (source) {
        const left = yield* eventsOf(source, given.without)
        const edit: EditedLog.Edit = {
          without: new Set(left.map(({ event }) => event.uuid)),
          insert,
          ...(policy !== undefined && { policy }),
          ...(Option.isSome(given.from) && { from: yield* source.point(given.from.value) }),
        }
        // Other rules may reach everyone; other events reach no further than the cones of their ids.
        const ids = Identity.touched([...left, ...insert])
        const history = yield* policy === undefined ? source.about(ids, edit) : source.whole
        const radius = WhatIf.blastRadius(history, edit)
        yield* Console.error(`It can reach ${radius} distinct ids at the most.`)
        let pace = start(performance.now())
        const difference = yield* WhatIf.replayed(history, edit, (done, all) => {
          const now = performance.now()
          pace = moved(pace, done, now)
          draw(bar(pace, all, now, "event"))
        })
        drawn()
        return { project: history.project, difference }
      }),
    )
    yield* Console.log(
      given.json ? JSON.stringify(HistoryForms.difference(project, difference)) : print(difference),
    )
  }),
).pipe(Command.withDescription("Show what would be different; nothing is written"))

const eventsOf = Effect.fnUntraced(function* (source: Source, uuids: ReadonlyArray<string>) {
  const events: Array<Recorded> = []
  for (const uuid of uuids) {
    const event = yield* source.eventOf(uuid)
    if (event === undefined) {
      return yield* new WrongUse({ message: `--without: no event has the uuid ${uuid}` })
    }
    events.push(event)
  }
  return events
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
    : orWrongUse(PolicyChange.decode(Object.fromEntries(fields)))
}
