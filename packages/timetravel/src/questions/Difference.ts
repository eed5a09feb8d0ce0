import type { PersonView } from "@onymous/persons/Persons"
import type { History } from "../history/History.ts"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import { canonical } from "@onymous/identity/encoding/Json"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { Warning } from "@onymous/identity/state/Warning"

/** A person that differs between two states. */
export interface PersonDifference {
  readonly change: "born" | "gone" | "changed"
  readonly before: PersonView | undefined
  readonly after: PersonView | undefined
}

/** The persons and warnings that differ between two states. */
export interface Difference {
  readonly persons: ReadonlyArray<PersonDifference>
  readonly warnings: {
    readonly added: ReadonlyArray<Warning>
    readonly removed: ReadonlyArray<Warning>
  }
}

interface State {
  readonly persons: ReadonlyArray<PersonView>
  readonly warnings: ReadonlyArray<Warning>
}

const textOf = ({
  distinctIds,
  properties,
  isIdentified,
  createdAt,
  version,
}: PersonView): string =>
  canonical([[...distinctIds], properties, isIdentified, createdAt, version])

/** A key that a warning keeps when an edit moves its event to another position. */
const keyOf = ({ type, eventUuid, details }: Warning): string =>
  canonical([type, eventUuid, details])

const missingIn = (
  warnings: ReadonlyArray<Warning>,
  other: ReadonlyArray<Warning>,
): ReadonlyArray<Warning> => {
  const known = new Set(other.map(keyOf))
  return warnings.filter((warning) => !known.has(keyOf(warning)))
}

/** The difference between an earlier and a later state, person by person. */
export const between = (before: State, after: State): Difference => {
  const then = new Map(before.persons.map((person) => [person.id, person]))
  const now = new Map(after.persons.map((person) => [person.id, person]))
  const ids: ReadonlyArray<PersonId> = [...new Set([...then.keys(), ...now.keys()])]
  const persons = ids.flatMap((id): ReadonlyArray<PersonDifference> => {
    const [old, young] = [then.get(id), now.get(id)]
    if (old === undefined) return [{ change: "born", before: old, after: young }]
    if (young === undefined) return [{ change: "gone", before: old, after: young }]
    return textOf(old) === textOf(young) ? [] : [{ change: "changed", before: old, after: young }]
  })
  return {
    persons,
    warnings: {
      added: missingIn(after.warnings, before.warnings),
      removed: missingIn(before.warnings, after.warnings),
    },
  }
}

/** The part of a difference about the persons that have a distinct id before or after. */
export const about = ({ persons, warnings }: Difference, id: DistinctId): Difference => {
  const names = ({ details }: Warning) => Object.values(details).includes(id)
  return {
    persons: persons.filter(({ before, after }) =>
      [before, after].some((person) => person?.distinctIds.includes(id)),
    ),
    warnings: { added: warnings.added.filter(names), removed: warnings.removed.filter(names) },
  }
}

/** The difference between a project's states at two positions (SPEC §8). */
export const diff = (history: History, from: Position, to: Position): Difference =>
  between(
    { persons: history.personsAt(from), warnings: history.warningsAt(from) },
    { persons: history.personsAt(to), warnings: history.warningsAt(to) },
  )
