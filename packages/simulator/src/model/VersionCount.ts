/** The version that an event gives a person (P9, P25). */

import type * as People from "./People.ts"
import * as PlainJson from "./PlainJson.ts"

/** Each person beside what it was before the event. */
export const copies = ({ persons }: People.People): ReadonlyMap<People.Person, People.Person> =>
  new Map(persons.map((person) => [person, { ...person }]))

/** One event makes at most one version, and none where the person stays as it was (P9, P25). */
export const count = (
  { rules }: People.People,
  outcome: People.Settled["outcome"],
  before: People.Person | undefined,
  person: People.Person,
): void => {
  const isCounted =
    outcome === "found" || (outcome === "merged" && rules.merged_version === "target_if_changed")
  const isSame =
    before !== undefined &&
    before.isIdentified === person.isIdentified &&
    before.createdAt === person.createdAt &&
    PlainJson.isSame(Object.fromEntries(before.properties), Object.fromEntries(person.properties))
  if (isCounted && !isSame) person.version += 1
}
