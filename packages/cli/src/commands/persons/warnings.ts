import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as WarningForms from "@onymous/api/forms/WarningForms"
import { answer } from "../../asking/Ask.ts"
import { idFlag } from "../../flags/DistinctIds.ts"
import { at, past } from "../../flags/PastFlags.ts"
import { ids, table, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { detailsOf, personsOf } from "../../output/WarningText.ts"

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
    distinctId: idFlag("distinct-id", "Only those that name this id"),
  },
  Effect.fn(function* (given) {
    const query = {
      all: "" as const,
      type: Option.getOrUndefined(given.type),
      search: Option.getOrUndefined(given.search),
      distinct_id: Option.getOrUndefined(given.distinctId),
      at: Option.getOrUndefined(given.at),
    }
    yield* answer(given, {
      question: ({ project, params }) => project.warnings({ params, query }),
      text: print,
      points: { "--at": given.at },
      silentOn: ({ results }) => (results.length === 0 ? Option.toArray(given.distinctId) : []),
    })
  }),
).pipe(Command.withDescription("Show why events were not applied as asked"))

type Group = (typeof WarningForms.Warnings.Type)["results"][number]

const columns = [
  { name: "POSITION" },
  time("TIME"),
  ids("DETAILS"),
  { name: "EVENT", spare: 2 },
  { ...ids("PERSONS"), spare: 1 },
]

/** The newest warnings of a type, and how to ask for the others. */
const groupText = (group: Group, width: Width): ReadonlyArray<string> => {
  const rows = group.warnings.map(({ position, timestamp, details, event_uuid }) => [
    `${position}`,
    timestamp,
    detailsOf(details),
    event_uuid,
    personsOf(details),
  ])
  const last = group.warnings.at(-1)
  const isCut = last !== undefined && rows.length < group.count
  const more = `${rows.length} of ${group.count}; older ones: --type ${group.type} --at ${(last?.position ?? 0) - 1}`
  return [
    `${group.type}: ${group.count}, last ${group.last_seen}`,
    group.remedy,
    ...table(columns, rows, width),
    ...(isCut ? [more] : []),
  ]
}

const print = (
  { results }: typeof WarningForms.Warnings.Type,
  width: Width,
): ReadonlyArray<string> =>
  results.length === 0
    ? ["No warnings."]
    : results.flatMap((group, index) => [...(index === 0 ? [] : [""]), ...groupText(group, width)])
