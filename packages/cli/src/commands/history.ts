import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { DistinctId } from "@onymous/identity/DistinctId"
import * as Story from "@onymous/timetravel/Story"
import * as Views from "@onymous/timetravel/Views"
import { table } from "../Output.ts"
import { at, historyOf, past, pointAt } from "../Past.ts"

/** Shows every change of the person that an id led to, each with its cause. */
export const history = Command.make(
  "history",
  { id: Argument.String("id").pipe(Argument.withDescription("A distinct id")), ...past, at },
  Effect.fn(function* (given) {
    const known = yield* historyOf(given)
    const story = Story.story(known, DistinctId(given.id), yield* pointAt(known, given.at))
    const rows = story.map(({ position, event, what, after }) => ({
      position,
      event_uuid: event?.event.uuid ?? null,
      event: event === undefined ? null : Views.nameOf(event.event),
      what,
      after: after === undefined ? null : Views.person(known.project, after),
    }))
    const text = table(
      ["POSITION", "EVENT", "WHAT", "PERSON AFTER IT"],
      story.map(({ position, event, what, after }) => [
        `${position}`,
        event === undefined ? "" : Views.nameOf(event.event),
        what,
        after === undefined
          ? ""
          : `${after.distinctIds.join(" ")} ${JSON.stringify(after.properties)}`,
      ]),
    )
    yield* Console.log(
      given.json
        ? JSON.stringify({ history: rows })
        : rows.length === 0
          ? `Nothing ever happened to ${given.id}.`
          : text,
    )
  }),
).pipe(Command.withDescription("Show every change of an id's person, each with its cause"))
