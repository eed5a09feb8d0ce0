import type * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { idsOf, personChanges } from "./PersonText.ts"
import type { Width } from "./TextWrap.ts"
import { detailsOf } from "./WarningText.ts"

type Form = typeof ChangeForms.Difference.Type

type Person = NonNullable<Form["persons"][number]["before"]>

/** A person on both sides, from which the kind of change follows. */
interface PersonChange {
  readonly before: Person | null
  readonly after: Person | null
}

/** The persons and warnings that differ. */
export interface Difference {
  readonly persons: ReadonlyArray<PersonChange>
  readonly warnings: Form["warnings"]
}

type Side = "before" | "after"

/** Distinct id → its person on one side. */
const ownersOf = (persons: Difference["persons"], side: Side): ReadonlyMap<string, Person> =>
  new Map(
    persons.flatMap((change) => {
      const person = change[side]
      return person === null ? [] : person.distinct_ids.map((id) => [id, person] as const)
    }),
  )

/** The persons that have the ids of a person on the other side. */
const othersOf = (person: Person, owners: ReadonlyMap<string, Person>): ReadonlyArray<string> => [
  ...new Set(person.distinct_ids.flatMap((id) => owners.get(id)?.person_id ?? [])),
]

const named = ({ person_id, distinct_ids }: Person, width: Width): string =>
  `person ${person_id} (${idsOf(distinct_ids, width).join(" ")})`

type Owners = Readonly<Record<Side, ReadonlyMap<string, Person>>>

const bornText = (after: Person, owners: Owners, width: Width): ReadonlyArray<string> => {
  const others = othersOf(after, owners.before)
  const whence = others.length === 0 ? "" : `, split from ${others.join(", ")}`
  return [
    `+ person ${after.person_id}, created ${after.created_at}${whence}`,
    ...personChanges(null, after, width).map((line) => `    ${line}`),
  ]
}

const goneText = (before: Person, owners: Owners, width: Width): ReadonlyArray<string> => {
  const others = othersOf(before, owners.after)
  const whither = others.length === 0 ? "" : `, merged into ${others.join(", ")}`
  return [`- ${named(before, width)}${whither}`]
}

/** The lines of a changed person; with another person id, it is one that kept its distinct ids. */
const changedText = (before: Person, after: Person, width: Width): ReadonlyArray<string> => {
  const title =
    before.person_id === after.person_id
      ? named(after, width)
      : `${named(before, width)} has another person id: ${after.person_id}`
  return [`~ ${title}`, ...personChanges(before, after, width).map((line) => `    ${line}`)]
}

const changeText = ({ before, after }: PersonChange, owners: Owners, width: Width) => {
  if (after === null) return before === null ? [] : goneText(before, owners, width)
  return before === null ? bornText(after, owners, width) : changedText(before, after, width)
}

/** The lines of a difference: for each person and warning + for added, - for removed, and ~ for another value. */
export const differenceText = ({ persons, warnings }: Difference, width: Width) => {
  const owners = { before: ownersOf(persons, "before"), after: ownersOf(persons, "after") }
  const listed = (sign: string, all: Difference["warnings"]["added"]) =>
    all.map(
      ({ type, position, timestamp, details }) =>
        `${sign} warning ${type} at ${position}, ${timestamp}: ${detailsOf(details)}`,
    )
  const lines = [
    ...persons.flatMap((change) => changeText(change, owners, width)),
    ...listed("+", warnings.added),
    ...listed("-", warnings.removed),
  ]
  return lines.length === 0 ? ["Nothing differs."] : lines
}
