import type { PersonView } from "@onymous/persons/Persons"
import type { History } from "../history/History.ts"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import { canonical } from "@onymous/identity/encoding/Json"
import type { Position } from "@onymous/identity/event/Position"
import type { Warning } from "@onymous/identity/state/Warning"

/**
 * A person that differs between two states; `renamed` where it kept distinct ids and has another person
 * id.
 */
export interface PersonDifference {
  readonly change: "born" | "gone" | "changed" | "renamed"
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

/**
 * Pairs persons whose person id is in one state alone by the distinct ids that they share, each with the person with
 * which it shares most: such a pair is one renamed person. An id whose person was deleted in between pairs none,
 * because its next person is another one.
 */
const renamedOf = (
  gone: ReadonlyArray<PersonView>,
  born: ReadonlyArray<PersonView>,
  deleted: ReadonlySet<DistinctId>,
): ReadonlyMap<PersonView, PersonView> => {
  const before = new Map(
    gone.flatMap((person) =>
      person.distinctIds.filter((id) => !deleted.has(id)).map((id) => [id, person]),
    ),
  )
  const pairs = born.flatMap((young) => {
    const shared = Map.groupBy(
      young.distinctIds.flatMap((id) => before.get(id) ?? []),
      (old) => old,
    )
    return [...shared].map(([old, ids]) => ({ old, young, count: ids.length }))
  })
  const [taken, renamed] = [new Set<PersonView>(), new Map<PersonView, PersonView>()]
  for (const { old, young } of pairs.toSorted((a, b) => b.count - a.count)) {
    if (taken.has(young) || renamed.has(old)) continue
    taken.add(young)
    renamed.set(old, young)
  }
  return renamed
}

const none: ReadonlySet<DistinctId> = new Set()

/** The difference between an earlier and a later state, person by person. */
export const between = (before: State, after: State, deleted = none): Difference => {
  const then = new Map(before.persons.map((person) => [person.id, person]))
  const now = new Map(after.persons.map((person) => [person.id, person]))
  const gone = before.persons.filter(({ id }) => !now.has(id))
  const born = after.persons.filter(({ id }) => !then.has(id))
  const renamed = renamedOf(gone, born, deleted)
  const isNew = new Set(renamed.values())
  const persons = [
    ...before.persons.flatMap((old): ReadonlyArray<PersonDifference> => {
      const young = now.get(old.id)
      if (young !== undefined) {
        return textOf(old) === textOf(young)
          ? []
          : [{ change: "changed", before: old, after: young }]
      }
      const other = renamed.get(old)
      return [{ change: other === undefined ? "gone" : "renamed", before: old, after: other }]
    }),
    ...born
      .filter((young) => !isNew.has(young))
      .map((young): PersonDifference => ({ change: "born", before: undefined, after: young })),
  ]
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

/** The distinct ids whose person an operator deleted after `from` and up to `to`, except for deletions undone by then. */
const deletedBetween = ({ log, changes }: History, from: Position, to: Position) => {
  const past = log.filter(({ position }) => position <= to)
  const deletions = past.filter(
    ({ event, position }) => position > from && event._tag === "PersonDeleted",
  )
  if (deletions.length === 0) return none
  const undone = EffectiveLog.undone(past)
  const kept = deletions.filter(({ event }) => !undone.has(event.uuid))
  const positions = new Set(kept.map(({ position }) => position))
  return new Set(
    changes.flatMap((change) =>
      change._tag === "PersonGone" && positions.has(change.position)
        ? change.ids.map(({ distinctId }) => distinctId)
        : [],
    ),
  )
}

/** The difference between a project's states at two positions (SPEC §8). */
export const diff = (history: History, from: Position, to: Position): Difference =>
  between(
    { persons: history.personsAt(from), warnings: history.warningsAt(from) },
    { persons: history.personsAt(to), warnings: history.warningsAt(to) },
    deletedBetween(history, from, to),
  )
