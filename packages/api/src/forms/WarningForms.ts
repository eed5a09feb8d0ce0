import { Schema } from "effect"
import { remedy, type Warning as Raised, type WarningType } from "@onymous/identity/state/Warning"
import { At, Count, EventUuid, Properties, text, Time, timeOf } from "./Listing.ts"

const Type = text("The type of a warning", "cannot_merge_already_identified")

const Remedy = text("What would make it pass", "Merge the two persons by hand.")

const warningFields = {
  type: Type,
  position: At,
  timestamp: Time,
  event_uuid: EventUuid,
  details: Properties.annotate({
    description: "What the event named, and the persons of the moment",
    examples: [{ distinctId: "alice" }],
  }),
}

const GroupedWarning = Schema.Struct({
  ...warningFields,
  lib: Schema.optionalKey(text("The library that sent the event, where it says so", "web")),
  lib_version: Schema.optionalKey(text("The version of the library", "1.449.2")),
}).annotate({ description: "Why an event was not applied as asked" })

const fieldsOf = (raised: Raised) => ({
  type: raised.type,
  position: raised.position,
  timestamp: timeOf(raised.at),
  event_uuid: raised.eventUuid,
  details: raised.details,
})

/** The library that sent an event, as far as the event says so. */
interface Sender {
  readonly library: string
  readonly version: string | undefined
}

const groupedWarning = (
  raised: Raised,
  sender: Sender | undefined,
): typeof GroupedWarning.Type => ({
  ...fieldsOf(raised),
  ...(sender && { lib: sender.library }),
  ...(sender?.version !== undefined && { lib_version: sender.version }),
})

/** The reason for which an event was not applied as asked, and the remedy. */
export const Warning = Schema.Struct({ ...warningFields, remedy: Remedy }).annotate({
  description: "Why an event was not applied as asked, and what would make it pass",
})

/** The form of a warning. */
export const warning = (raised: Raised): typeof Warning.Type => ({
  ...fieldsOf(raised),
  remedy: remedy(raised.type),
})

/** Warnings of a day, in UTC. */
const Day = Schema.Struct({
  day: text("A day, in UTC", "2022-10-25"),
  count: Count,
}).annotate({ description: "The warnings of a day" })

/** The warnings of one type: their count, day by day, the newest of them, and the remedy. */
const WarningGroup = Schema.Struct({
  type: Type,
  count: Count,
  last_seen: Time,
  remedy: Remedy,
  sparkline: Schema.Array(Day).annotate({ description: "The warnings day by day" }),
  warnings: Schema.Array(GroupedWarning).annotate({ description: "The newest of them" }),
}).annotate({ description: "The warnings of one type" })

interface GroupView {
  readonly type: WarningType
  readonly count: number
  readonly lastSeen: number
  readonly daily: ReadonlyArray<typeof Day.Type>
  readonly warnings: ReadonlyArray<Raised>
}

/** The form of the warnings of a type, with who sent their events, by position. */
export const warningGroup = (
  group: GroupView,
  senders: ReadonlyMap<number, Sender>,
): typeof WarningGroup.Type => ({
  type: group.type,
  count: group.count,
  last_seen: timeOf(group.lastSeen),
  remedy: remedy(group.type),
  sparkline: group.daily,
  warnings: group.warnings.map((raised) => groupedWarning(raised, senders.get(raised.position))),
})

/** Warnings by type, most recently seen first; `position` is the position of the persons. */
export const Warnings = Schema.Struct({
  results: Schema.Array(WarningGroup).annotate({ description: "By type, last seen first" }),
  position: At.annotate({ description: "The position that the answer is as of" }),
}).annotate({ description: "Warnings by type, last seen first" })
