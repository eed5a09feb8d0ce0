import { Schema } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Json } from "@onymous/identity/encoding/Json"
import type { Warning as Raised } from "@onymous/identity/state/Warning"
import { Cause, cause, EventNote, nameOf, note } from "./EventForms.ts"
import { Warning, warning } from "./WarningForms.ts"

/** An event that named two ids. */
interface LinkView {
  readonly event: Recorded
  readonly target: DistinctId
  readonly source: DistinctId
}

/** The event that took `from` and `to` together. */
const Step = Schema.Struct({
  position: Schema.Int,
  event_uuid: Schema.String,
  event: Schema.String,
  from: Schema.String,
  to: Schema.String,
})

const Separation = Schema.Struct({
  ...EventNote.fields,
  by: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
})

/** Why two ids are one person, or what kept them apart; `separated` is there where something took them apart. */
export const Why = Schema.Struct({
  same: Schema.Boolean,
  chain: Schema.Array(Step),
  refusals: Schema.Array(Warning),
  separated: Schema.optionalKey(Schema.Array(Separation)),
})

const separation = (recorded: Recorded): typeof Separation.Type => ({
  ...note(recorded),
  by: ("by" in recorded.event ? recorded.event.by : undefined) ?? null,
  reason: ("reason" in recorded.event ? recorded.event.reason : undefined) ?? null,
})

/** Why two ids are one person, as every answer tells it. */
export const why = (answer: {
  readonly isSame: boolean
  readonly chain: ReadonlyArray<{
    readonly link: LinkView
    readonly from: DistinctId
    readonly to: DistinctId
  }>
  readonly refusals: ReadonlyArray<Raised>
  readonly separations: ReadonlyArray<Recorded>
}): typeof Why.Type => ({
  same: answer.isSame,
  chain: answer.chain.map(({ link: { event }, from, to }) => ({
    position: event.position,
    event_uuid: event.event.uuid,
    event: nameOf(event.event),
    from,
    to,
  })),
  refusals: answer.refusals.map(warning),
  ...(answer.separations.length > 0 && { separated: answer.separations.map(separation) }),
})

/** The events that each separate two ids. */
export const Undo = Schema.Struct({ events: Schema.Array(EventNote) })

/** The events that each separate two ids, as every answer tells them. */
export const undo = (events: ReadonlyArray<Recorded>): typeof Undo.Type => ({
  events: events.map(note),
})

/** The links that hold a person together, and the parts that the loss of each would leave. */
export const Culprits = Schema.Struct({
  culprits: Schema.Array(
    Schema.Struct({
      ...EventNote.fields,
      from: Schema.String,
      to: Schema.String,
      parts: Schema.Array(Schema.Array(Schema.String)),
    }),
  ),
})

/** What holds a person together, as every answer tells it. */
export const culprits = (
  found: ReadonlyArray<{
    readonly link: LinkView
    readonly parts: ReadonlyArray<ReadonlyArray<DistinctId>>
  }>,
): typeof Culprits.Type => ({
  culprits: found.map(({ link, parts }) => ({
    ...note(link.event),
    from: link.source,
    to: link.target,
    parts,
  })),
})

/** What a property was set to, the last value first. */
export const Settings = Schema.Struct({
  settings: Schema.Array(
    Schema.Struct({ ...Cause.fields, value: Schema.Json, is_set: Schema.Boolean }),
  ),
})

/** What a property was set to, as every answer tells it. */
export const settings = (
  found: ReadonlyArray<{
    readonly position: number
    readonly event: Recorded | undefined
    readonly value: Json | undefined
  }>,
): typeof Settings.Type => ({
  settings: found.map(({ position, event, value }) => ({
    ...cause(position, event),
    value: value ?? null,
    is_set: value !== undefined,
  })),
})
