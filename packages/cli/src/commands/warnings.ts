import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { remedy } from "@onymous/identity/Warning"
import { Persons, type WarningGroup } from "@onymous/projector/Persons"
import { caughtUp } from "../CaughtUp.ts"
import { database, json, onDatabase, project } from "../Options.ts"
import { table } from "../Output.ts"

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** Shows why events were not applied as asked, by type, with what would make them pass. */
export const warnings = Command.make(
  "warnings",
  {
    ...database,
    project,
    type: optional("type", "Only this type"),
    search: optional("search", "Look into types and details"),
    distinctId: optional("distinct-id", "Only those that name this id"),
    json,
  },
  Effect.fn(function* ({ project: id, type, search, distinctId, json: asJson, ...location }) {
    const program = Effect.gen(function* () {
      const position = yield* caughtUp(id)
      const groups = yield* (yield* Persons).warningGroups({
        project: id,
        ...(Option.isSome(type) && { type: type.value }),
        ...(Option.isSome(search) && { search: search.value }),
        ...(Option.isSome(distinctId) && { distinctId: distinctId.value }),
      })
      return { groups, position }
    })
    const { groups, position } = yield* onDatabase(location, program)
    yield* Console.log(
      asJson
        ? JSON.stringify({ results: groups.map(toJson), position })
        : groups.map(print).join("\n\n") || "No warnings.",
    )
  }),
).pipe(Command.withDescription("Show why events were not applied as asked"))

const toJson = (group: WarningGroup) => ({
  type: group.type,
  count: group.count,
  last_seen: new Date(group.lastSeen).toISOString(),
  remedy: remedy(group.type),
  warnings: group.warnings.map((warning) => ({
    type: warning.type,
    position: warning.position,
    timestamp: new Date(warning.at).toISOString(),
    event_uuid: warning.eventUuid,
    details: warning.details,
  })),
})

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
