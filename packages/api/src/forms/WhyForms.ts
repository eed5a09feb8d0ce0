import { Schema } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Json } from "@onymous/identity/encoding/Json"
import type { Warning as Raised } from "@onymous/identity/state/Warning"
import { Cause, cause, EventNote, note } from "./EventForms.ts"
import { Warning, warning } from "./WarningForms.ts"

/** An event that named two ids. */
interface LinkView {
  readonly event: Recorded
  readonly target: DistinctId
  readonly source: DistinctId
}

/** A link of a chain, in the chain's direction. */
const Step = Schema.Struct({
  ...EventNote.fields,
  from: Schema.String,
  to: Schema.String,
  outcome: Schema.String,
})

const Separation = Schema.Struct({
  ...EventNote.fields,
  by: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
})

/**
 * The chain that makes two ids one person, or the refusals between them; `separated` is present
 * where an event took them apart; `unseen` has those of the two that no event ever named.
 */
export const Why = Schema.Struct({
  same: Schema.Boolean,
  chain: Schema.Array(Step),
  refusals: Schema.Array(Warning),
  separated: Schema.optionalKey(Schema.Array(Separation)),
  unseen: Schema.Array(Schema.String),
})

const separation = (recorded: Recorded): typeof Separation.Type => ({
  ...note(recorded),
  by: ("by" in recorded.event ? recorded.event.by : undefined) ?? null,
  reason: ("reason" in recorded.event ? recorded.event.reason : undefined) ?? null,
})

/** The form of why two ids are one person, or are not. */
export const why = (answer: {
  readonly isSame: boolean
  readonly chain: ReadonlyArray<{
    readonly link: LinkView & { readonly outcome: string }
    readonly from: DistinctId
    readonly to: DistinctId
  }>
  readonly refusals: ReadonlyArray<Raised>
  readonly separations: ReadonlyArray<Recorded>
  readonly unseen: ReadonlyArray<DistinctId>
}): typeof Why.Type => ({
  same: answer.isSame,
  chain: answer.chain.map(({ link: { event, outcome }, from, to }) => ({
    ...note(event),
    from,
    to,
    outcome,
  })),
  refusals: answer.refusals.map(warning),
  ...(answer.separations.length > 0 && { separated: answer.separations.map(separation) }),
  unseen: answer.unseen,
})

/**
 * The events of which each alone, left out, separates two ids; `same` tells whether they are one
 * person at all.
 */
export const Undo = Schema.Struct({ same: Schema.Boolean, events: Schema.Array(EventNote) })

/** The form of the events that separate two ids. */
export const undo = (found: {
  readonly events: ReadonlyArray<Recorded>
  readonly why: { readonly isSame: boolean }
}): typeof Undo.Type => ({ same: found.why.isSame, events: found.events.map(note) })

/** The links of a person whose loss would split it, each with the two parts. */
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

/** The form of the links that hold a person together. */
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

/**
 * The values of a property, latest first; of one that gave way in a merge, `lost_at` is the position of
 * the merge.
 */
export const Settings = Schema.Struct({
  settings: Schema.Array(
    Schema.Struct({
      ...Cause.fields,
      value: Schema.Json,
      is_set: Schema.Boolean,
      lost_at: Schema.NullOr(Schema.Int),
    }),
  ),
})

/** The form of a property's values. */
export const settings = (
  found: ReadonlyArray<{
    readonly position: number
    readonly event: Recorded | undefined
    readonly value: Json | undefined
    readonly lostAt: number | undefined
  }>,
): typeof Settings.Type => ({
  settings: found.map(({ position, event, value, lostAt }) => ({
    ...cause(position, event),
    value: value ?? null,
    is_set: value !== undefined,
    lost_at: lostAt ?? null,
  })),
})
