import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Difference from "@onymous/timetravel/questions/Difference"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import { print } from "../../output/DifferenceTable.ts"
import { asking, past } from "../../flags/PastFlags.ts"

/** Shows what changed between two points, person by person. */
export const diff = Command.make(
  "diff",
  {
    from: Argument.String("from").pipe(
      Argument.withDescription("A position, an ISO time, the uuid of an event, or 2h ago"),
    ),
    to: Argument.String("to").pipe(
      Argument.withDescription("Another point; now by default"),
      Argument.optional,
    ),
    ...past,
    person: Flag.String("person").pipe(
      Flag.withDescription("Only persons that have this distinct id on one of the sides"),
      Flag.optional,
    ),
  },
  Effect.fn(function* (given) {
    const id = Option.map(given.person, DistinctId)
    const { project, difference } = yield* asking(
      given,
      Effect.fnUntraced(function* (source) {
        const from = yield* source.point(given.from)
        const to = Option.isSome(given.to) ? yield* source.point(given.to.value) : undefined
        const history = yield* Option.isSome(id) ? source.about(new Set([id.value])) : source.whole
        const all = Difference.diff(history, from, to ?? history.head)
        const difference = Option.isSome(id) ? Difference.about(all, id.value) : all
        return { project: history.project, difference }
      }),
    )
    yield* Console.log(
      given.json ? JSON.stringify(HistoryForms.difference(project, difference)) : print(difference),
    )
  }),
).pipe(Command.withDescription("Show what changed between two points"))
