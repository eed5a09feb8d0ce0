import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Difference from "@onymous/timetravel/Difference"
import * as Views from "@onymous/timetravel/Views"
import { print } from "../Differences.ts"
import { historyOf, past, pointOf } from "../Past.ts"

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
    const history = yield* historyOf(given)
    const from = yield* pointOf(history, given.from)
    const to = Option.isSome(given.to) ? yield* pointOf(history, given.to.value) : history.head
    const all = Difference.diff(history, from, to)
    const id = Option.getOrUndefined(given.person)
    const persons = all.persons.filter(
      ({ before, after }) =>
        id === undefined ||
        [before, after].some((view) => view?.distinctIds.some((each) => each === id)),
    )
    const difference = { ...all, persons }
    yield* Console.log(
      given.json
        ? JSON.stringify(Views.difference(history.project, difference))
        : print(difference),
    )
  }),
).pipe(Command.withDescription("Show what changed between two points"))
