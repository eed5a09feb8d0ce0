import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { remedy } from "@onymous/identity/state/Warning"
import * as MemoryWarnings from "@onymous/persons/memory/MemoryWarnings"
import { Persons, type WarningGroup } from "@onymous/persons/Persons"
import { caughtUp } from "../../CaughtUp.ts"
import { onDatabase } from "../../flags/DatabaseFlags.ts"
import { table } from "../../output/Table.ts"
import { at, fileAt, past, positionAt, projectOf } from "../../flags/PastFlags.ts"

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** Shows why events were not applied as asked, by type, with what would make them pass. */
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
    const project = projectOf(given)
    const question = {
      project,
      ...(Option.isSome(type) && { type: type.value }),
      ...(Option.isSome(search) && { search: search.value }),
      ...(Option.isSome(distinctId) && { distinctId: distinctId.value }),
    }
    const ofDatabase = Effect.gen(function* () {
      const head = yield* caughtUp(project)
      const at = yield* positionAt(project, given.at)
      const asked = { ...question, ...(at !== undefined && { at }) }
      return { groups: yield* (yield* Persons).warningGroups(asked), position: at ?? head }
    })
    const ofFile = Effect.map(fileAt(given), ({ history, position }) => ({
      groups: MemoryWarnings.group(history.warningsAt(position), question),
      position,
    }))
    const { groups, position } = yield* Option.isSome(given.file)
      ? ofFile
      : onDatabase(given, ofDatabase)
    yield* Console.log(
      given.json
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
