import { Schema } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Json } from "@onymous/identity/encoding/Json"
import type { Warning as Raised } from "@onymous/identity/state/Warning"
import { Cause, cause, EventNote, note } from "./EventForms.ts"
import { At, Id, text, truth } from "./Listing.ts"
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
  from: Id,
  to: Id,
  outcome: text("What the rules made of it", "merged"),
}).annotate({ description: "A link of the chain, from one id to the next" })

const Separation = Schema.Struct({
  ...EventNote.fields,
  by: Schema.NullOr(text("Who did it", "ann")).annotate({
    description: "Who did it, if it was said",
  }),
  reason: Schema.NullOr(text("Why", "a shared tablet")).annotate({
    description: "Why, if it was said",
  }),
}).annotate({ description: "An event that took the two apart" })

/**
 * The chain that makes two ids one person, or the refusals between them; `separated` is present
 * where an event took them apart; `unseen` has those of the two that no event ever named.
 */
export const Why = Schema.Struct({
  same: truth("True where the two ids are one person"),
  chain: Schema.Array(Step).annotate({
    description: "The shortest chain of events that made them so",
  }),
  refusals: Schema.Array(Warning).annotate({
    description: "The merges between them that were refused",
  }),
  separated: Schema.optionalKey(
    Schema.Array(Separation).annotate({ description: "What took them apart, if something did" }),
  ),
  unseen: Schema.Array(Id).annotate({
    description: "Those of the two that no event ever named",
  }),
}).annotate({ description: "Why two ids are one person, or what kept them apart" })

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
export const Undo = Schema.Struct({
  same: truth("True where the two ids are one person"),
  events: Schema.Array(EventNote).annotate({ description: "Each of them alone separates the two" }),
}).annotate({ description: "The events each of which, left out alone, separates two ids" })

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
      from: Id,
      to: Id,
      parts: Schema.Array(Schema.Array(Id)).annotate({
        description: "The distinct ids of the two parts that would be left",
      }),
    }).annotate({ description: "A link whose loss would split the person" }),
  ).annotate({ description: "The links, those that leave large parts first" }),
}).annotate({ description: "The links that hold a person together" })

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
      value: Schema.Json.annotate({ description: "The value: any JSON", examples: ["pro"] }),
      is_set: truth("False where the event removed the property"),
      lost_at: Schema.NullOr(At).annotate({
        description: "Where it gave way to another value in a merge; null where it did not",
      }),
    }).annotate({ description: "A value that the property had" }),
  ).annotate({ description: "Its values, the last one first" }),
}).annotate({ description: "The events that set a property, the last one first" })

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
