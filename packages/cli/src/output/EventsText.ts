import type * as AttributionForms from "@onymous/api/forms/AttributionForms"
import { type Column, person, table, time } from "./Table.ts"
import type { Width } from "./TextWrap.ts"

/** A column that wraps early, so that 80 columns have room for the times, too. */
const narrow = (name: string): Column => ({ name, wraps: 16 })

const columns = [
  { name: "POSITION" },
  time("TIME", 3),
  narrow("EVENT"),
  narrow("DISTINCT ID"),
  { name: "STATUS", spare: 2 },
  person("PERSON"),
]

/** A page of events as a table: person, event and time, and where there is room the status. */
export const eventsText = (
  { results, next }: typeof AttributionForms.Events.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (results.length === 0) return ["No events."]
  const rows = results.map(({ position, received_at, event, distinct_id, status, person_id }) => [
    `${position}`,
    received_at,
    event,
    distinct_id,
    status,
    person_id ?? "",
  ])
  const more = next === null ? [] : [`${rows.length} shown; older ones: --before ${next}`]
  return [...table(columns, rows, width), ...more]
}
