import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Story from "@onymous/timetravel/questions/Story"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import { table } from "../../output/Table.ts"
import { asking, at, past, pointAt } from "../../flags/PastFlags.ts"

/** Shows every change of the person that an id led to, each with its cause. */
export const history = Command.make(
  "history",
  { id: Argument.String("id").pipe(Argument.withDescription("A distinct id")), ...past, at },
  Effect.fn(function* (given) {
    const id = DistinctId(given.id)
    const { project, story } = yield* asking(
      given,
      Effect.fnUntraced(function* (source) {
        const known = yield* source.about(new Set([id]))
        const point = yield* pointAt(source, known, given.at)
        return { project: known.project, story: Story.story(known, id, point) }
      }),
    )
    const text = table(
      ["POSITION", "EVENT", "WHAT", "PERSON AFTER IT"],
      story.map(({ position, event, what, after }) => [
        `${position}`,
        event === undefined ? "" : HistoryForms.nameOf(event.event),
        what,
        after === undefined
          ? ""
          : `${after.distinctIds.join(" ")} ${JSON.stringify(after.properties)}`,
      ]),
    )
    yield* Console.log(
      given.json
        ? JSON.stringify(HistoryForms.history(project, story))
        : story.length === 0
          ? `Nothing ever happened to ${given.id}.`
          : text,
    )
  }),
).pipe(Command.withDescription("Show every change of an id's person, each with its cause"))
