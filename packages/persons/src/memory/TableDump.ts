import * as StateHash from "@onymous/identity/state/StateHash"
import type { Tables } from "./MemoryTables.ts"

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
      line("components", [
        row.component,
        row.personId,
        row.size,
        row.ids,
        row.first,
        row.firstSeen,
        row.joinedSince,
        row.joinedCount,
        row.from,
        row.to,
      ]),
    )
  const cones = [...tables.cones].map((row) => line("cones", row))
  const members = [...tables.coneMembers].map((row) => line("cone_members", row))
  return dump([persons, memberships, components, cones, members, ...decisions(tables)].flat())
}

const decisions = (tables: Tables): ReadonlyArray<ReadonlyArray<string>> => [
  tables.links.map(({ event, position, target, source, outcome, loser, winner }) =>
    line("links", [event, position, target, source, outcome, loser, winner]),
  ),
  tables.warnings.map(({ warning, from, to }) => {
    const { position, type, at, eventUuid } = warning
    const share = StateHash.toText(StateHash.ofWarning(warning))
    return line("warnings", [from, to, position, type, at, eventUuid, share])
  }),
  [...tables.dropped].map((row) => line("dropped_events", row)),
  [...tables.waiting.values()].map(({ position, distinctId, dueAt, released }) => {
    const { at = null, by = null, personId = null } = released ?? {}
    return line("waiting_events", [position, distinctId, dueAt, at, by, personId])
  }),
  [...tables.personless.values()]
    .flat()
    .map(({ distinctId, from, to }) => line("personless_ids", [distinctId, from, to])),
  tables.generations.map(({ distinctId, generation, from, goneAt }) =>
    line("generations", [distinctId, generation, from, goneAt]),
  ),
  [...tables.refusals].map((row) => line("refusals", row)),
  tables.policies.map(({ from, policy }) => line("policies", [from, JSON.stringify(policy)])),
  tables.hashes.map((row) => line("state_hashes", [row.position, row.stateHash])),
]
