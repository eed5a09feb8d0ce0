import * as StateHash from "@onymous/identity/StateHash"
import type { Tables } from "./Tables.ts"

/** One line of a dump: the table's name and the values of its columns, in the order of the columns. */
export const line = (table: string, values: ReadonlyArray<unknown>): string =>
  `${table} ${JSON.stringify(values)}`

/** All lines in one order, whatever order they were found in. */
export const dump = (lines: ReadonlyArray<string>): string => lines.toSorted().join("\n")

/** The dump of tables in memory: the same text that the tables in Postgres give. */
export const dumpTables = (tables: Tables): string => {
  const persons = [...tables.persons.values()].flat().map(({ person, from, to }) => {
    const { id, version, properties, isIdentified, createdAt } = person
    return line("persons", [
      id,
      version,
      JSON.stringify(properties),
      isIdentified,
      createdAt,
      from,
      to,
    ])
  })
  const memberships = [...tables.memberships.values()]
    .flat()
    .map((row) => line("memberships", [row.distinctId, row.component, row.from, row.to]))
  const components = [...tables.components.values()]
    .flat()
    .map((row) =>
      line("components", [row.component, row.personId, row.size, row.ids, row.from, row.to]),
    )
  const cones = [...tables.cones].map((row) => line("cones", row))
  const members = [...tables.coneMembers].map((row) => line("cone_members", row))
  const links = tables.links.map((row) =>
    line("links", [row.position, row.target, row.source, row.outcome, row.loser, row.winner]),
  )
  const warnings = tables.warnings.map((row) =>
    line("warnings", [
      row.position,
      row.type,
      row.at,
      row.eventUuid,
      StateHash.toText(StateHash.ofWarning(row)),
    ]),
  )
  const dropped = [...tables.dropped].map((position) => line("dropped_events", [position]))
  const hashes = tables.hashes.map((row) => line("state_hashes", [row.position, row.stateHash]))
  return dump(
    [persons, memberships, components, cones, members, links, warnings, dropped, hashes].flat(),
  )
}
