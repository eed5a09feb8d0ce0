import type { Difference } from "@onymous/timetravel/Difference"
import { table } from "./Output.ts"

/** A difference for people: what became of each person, and of the warnings. */
export const print = ({ persons, warnings }: Difference): string => {
  if (persons.length + warnings.added.length + warnings.removed.length === 0) {
    return "Nothing differs."
  }
  const rows = persons.map(({ change, before, after }) => {
    const shown = (view: typeof before) =>
      view === undefined ? "" : `${view.distinctIds.join(" ")} ${JSON.stringify(view.properties)}`
    return [change, (after ?? before)?.id ?? "", shown(before), shown(after)]
  })
  const listed = (sign: string, all: typeof warnings.added) =>
    all.map(({ type, details }) => `${sign} ${type} ${JSON.stringify(details)}`)
  return [
    ...(rows.length === 0 ? [] : [table(["CHANGE", "PERSON", "BEFORE", "AFTER"], rows)]),
    ...listed("+", warnings.added),
    ...listed("-", warnings.removed),
  ].join("\n")
}
