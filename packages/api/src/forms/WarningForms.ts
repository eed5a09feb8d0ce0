import { Schema } from "effect"
import { remedy, type Warning as Raised, type WarningType } from "@onymous/identity/state/Warning"
import { Properties, Time, timeOf } from "./Listing.ts"

const GroupedWarning = Schema.Struct({
  type: Schema.String,
  position: Schema.Int,
  timestamp: Time,
  event_uuid: Schema.String,
  details: Properties,
})

const groupedWarning = (raised: Raised): typeof GroupedWarning.Type => ({
  type: raised.type,
  position: raised.position,
  timestamp: timeOf(raised.at),
  event_uuid: raised.eventUuid,
  details: raised.details,
})

/** The reason for which an event was not applied as asked, and the remedy. */
export const Warning = Schema.Struct({ ...GroupedWarning.fields, remedy: Schema.String })

/** The form of a warning. */
export const warning = (raised: Raised): typeof Warning.Type => ({
  ...groupedWarning(raised),
  remedy: remedy(raised.type),
})

/** Warnings of a day, in UTC. */
const Day = Schema.Struct({ day: Schema.String, count: Schema.Int })

/** The warnings of one type: their count, day by day, the newest of them, and the remedy. */
const WarningGroup = Schema.Struct({
  type: Schema.String,
  count: Schema.Int,
  last_seen: Time,
  remedy: Schema.String,
  sparkline: Schema.Array(Day),
  warnings: Schema.Array(GroupedWarning),
})

/** The form of the warnings of a type. */
export const warningGroup = (group: {
  readonly type: WarningType
  readonly count: number
  readonly lastSeen: number
  readonly daily: ReadonlyArray<typeof Day.Type>
  readonly warnings: ReadonlyArray<Raised>
}): typeof WarningGroup.Type => ({
  type: group.type,
  count: group.count,
  last_seen: timeOf(group.lastSeen),
  remedy: remedy(group.type),
  sparkline: group.daily,
  warnings: group.warnings.map(groupedWarning),
})

/** Warnings by type, most recently seen first; `position` is the position of the persons. */
export const Warnings = Schema.Struct({
  results: Schema.Array(WarningGroup),
  position: Schema.Int,
})
