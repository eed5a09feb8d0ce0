import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { PersonId } from "@onymous/identity/state/PersonId"
import { editLog } from "@onymous/timetravel/history/EditedLog"
import { History } from "@onymous/timetravel/history/History"
import * as Difference from "@onymous/timetravel/questions/Difference"
import * as WhatIf from "@onymous/timetravel/questions/WhatIf"
import { countEvents, nameOf, type PersonThen } from "../past/PersonFacts.ts"

/** A person on one side of a fork, and how many events it has there. */
export interface Side {
  readonly person: PersonThen
  readonly title: string
  readonly events: number | undefined
  /** How many events the same person has on the other side. */
  readonly otherEvents: number | undefined
  /** Distinct ids that it shares with none of its own on the other side. */
  readonly gained: ReadonlySet<string>
  /** The same person on the other side. */
  readonly other: PersonThen | undefined
}

/** What would be others, had some events not come. */
export interface Forked {
  readonly asItIs: ReadonlyArray<Side>
  readonly without: ReadonlyArray<Side>
  /** How many ids it could reach at most. */
  readonly reach: number
  /** How many persons and events would be others. */
  readonly persons: number
  readonly events: number
}

const sidesOf = (
  history: History,
  persons: ReadonlyArray<PersonThen>,
  others: ReadonlyArray<PersonThen>,
  otherHistory: History,
): ReadonlyArray<Side> => {
  const otherOf = new Map<PersonId, PersonThen>(others.map((person) => [person.id, person]))
  const count = (from: History, person: PersonThen) =>
    countEvents(from, person.distinctIds, from.head)
  return persons.map((person) => {
    const other = otherOf.get(person.id)
    const known = new Set<string>(other?.distinctIds)
    return {
      person,
      title: nameOf(person.properties) ?? person.distinctIds[0] ?? person.id,
      events: count(history, person),
      otherEvents: other && count(otherHistory, other),
      gained: new Set(person.distinctIds.filter((id) => !known.has(id))),
      other,
    }
  })
}

const unique = (persons: ReadonlyArray<PersonThen | undefined>): ReadonlyArray<PersonThen> => [
  ...new Map(persons.flatMap((person) => (person ? [[person.id, person] as const] : []))).values(),
]

/** Events that would be of another person. */
const movedEvents = (history: History, other: History): number => {
  const moved = new Map<DistinctId, boolean>()
  const isMoved = (id: DistinctId): boolean => {
    const known = moved.get(id)
    if (known !== undefined) return known
    const is = history.versionAt(id, history.head)?.id !== other.versionAt(id, other.head)?.id
    moved.set(id, is)
    return is
  }
  return history.log.filter(({ event }) => event._tag === "Captured" && isMoved(event.distinctId))
    .length
}

/** Folds the log again without some events, and tells what would be others. */
export const fork = (history: History, uuids: ReadonlyArray<string>): Forked => {
  const edit = { without: new Set(uuids) }
  const { project, startPolicy } = history
  const other = new History(project, editLog(history, edit), startPolicy)
  const { persons } = Difference.between(
    { persons: history.personsAt(), warnings: [] },
    { persons: other.personsAt(), warnings: [] },
  )
  const before = unique(persons.map((each) => each.before))
  const after = unique(persons.map((each) => each.after))
  return {
    asItIs: sidesOf(history, before, after, other),
    without: sidesOf(other, after, before, history).toSorted(
      (a, b) => (a.other === undefined ? 1 : 0) - (b.other === undefined ? 1 : 0),
    ),
    reach: WhatIf.blastRadius(history, edit),
    persons: Math.max(before.length, after.length),
    events: movedEvents(history, other),
  }
}
