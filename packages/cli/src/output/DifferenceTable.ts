import type { Difference } from "@onymous/timetravel/questions/Difference"
import { table } from "./Table.ts"

/** The person that a gone person was merged into, or that a new person was split from. */
const whence = (
  persons: Difference["persons"],
  { change, before, after }: Difference["persons"][number],
): ReadonlyArray<string> => {
  if (change === "changed") return []
  const [id] = (before ?? after)?.distinctIds ?? []
  const side = change === "gone" ? "after" : "before"
  const other = persons.find((each) => each[side]?.distinctIds.some((own) => own === id))?.[side]
  if (other === undefined) return []
  return [`(${change === "gone" ? "merged into" : "split from"} ${other.id})`]
}

/** Prints a difference for people: the changes of each person, and of the warnings. */
export const print = ({ persons, warnings }: Difference): string => {
  if (persons.length + warnings.added.length + warnings.removed.length === 0) {
    return "Nothing differs."
  }
  const rows = persons.map(({ change, before, after }) => {
    const shown = (view: typeof before) =>
      view === undefined ? "" : `${view.distinctIds.join(" ")} ${JSON.stringify(view.properties)}`
    const what = [change, ...whence(persons, { change, before, after })].join(" ")
    return [what, (after ?? before)?.id ?? "", shown(before), shown(after)]
  })
  const listed = (sign: string, all: typeof warnings.added) =>
    all.map(({ type, details }) => `${sign} ${type} ${JSON.stringify(details)}`)
  return [
    ...(rows.length === 0 ? [] : [table(["CHANGE", "PERSON", "BEFORE", "AFTER"], rows)]),
    ...listed("+", warnings.added),
    ...listed("-", warnings.removed),
  ].join("\n")
}
