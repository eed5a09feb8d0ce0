import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as WarningForms from "@onymous/api/forms/WarningForms"
import { remedy } from "@onymous/identity/state/Warning"
import { Persons, type WarningGroup } from "@onymous/persons/Persons"
import { askPersons, asOf, at, past } from "../../flags/PastFlags.ts"
import { table } from "../../output/Table.ts"

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** Shows the warnings by type, with their remedies. */
export const warnings = Command.make(
  "warnings",
  {
    ...past,
    at,
    type: optional("type", "Only this type"),
    search: optional("search", "Look into types and details"),
    distinctId: optional("distinct-id", "Only those that name this id"),
  },
  Effect.fn(function* (given) {
    const { type, search, distinctId } = given
    const { groups, position } = yield* askPersons(
      given,
      Effect.fnUntraced(function* (project) {
        const { at, position } = yield* asOf(project, given.at)
        const groups = yield* (yield* Persons).warningGroups({
          project,
          ...(Option.isSome(type) && { type: type.value }),
          ...(Option.isSome(search) && { search: search.value }),
          ...(Option.isSome(distinctId) && { distinctId: distinctId.value }),
          ...(at !== undefined && { at }),
        })
        return { groups, position }
      }),
    )
    const answer = { results: groups.map(WarningForms.warningGroup), position }
    yield* Console.log(
      given.json ? JSON.stringify(answer) : groups.map(print).join("\n\n") || "No warnings.",
    )
  }),
).pipe(Command.withDescription("Show why events were not applied as asked"))

const print = (group: WarningGroup): string =>
  [
    `${group.type}: ${group.count}, last ${new Date(group.lastSeen).toISOString()}`,
    remedy(group.type),
    table(
      ["POSITION", "TIME", "DETAILS"],
      group.warnings.map((warning) => [
        `${warning.position}`,
        new Date(warning.at).toISOString(),
        JSON.stringify(warning.details),
      ]),
    ),
  ].join("\n")
