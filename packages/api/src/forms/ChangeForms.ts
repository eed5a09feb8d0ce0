import { Schema } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type * as People from "@onymous/identity/state/Person"
import type { Warning as Raised } from "@onymous/identity/state/Warning"
import { Cause, cause, EventNote, note } from "./EventForms.ts"
import { Time, timeOf } from "./Listing.ts"
import { Person, person } from "./PersonForms.ts"
import { Warning, warning } from "./WarningForms.ts"

type PersonView = People.Person & { readonly distinctIds: ReadonlyArray<DistinctId> }

const personOrNull = (project: ProjectId, view: PersonView | undefined) =>
  view === undefined ? null : person(project, view)

const OptionalPerson = Schema.NullOr(Person)

const Check = Schema.Struct({ check: Schema.String, outcome: Schema.String })

/** The checks of an event, with the persons before and after it, and what would make it pass. */
export const Trace = Schema.Struct({
  ...EventNote.fields,
  checks: Schema.Array(Check),
  before: Schema.Array(Person),
  after: Schema.Array(Person),
  warnings: Schema.Array(Warning),
  remedies: Schema.Array(Schema.String),
})

/** The form of a trace. */
export const trace = (
  project: ProjectId,
  traced: {
    readonly recorded: Recorded
    readonly checks: ReadonlyArray<typeof Check.Type>
    readonly before: ReadonlyArray<PersonView>
    readonly after: ReadonlyArray<PersonView>
    readonly warnings: ReadonlyArray<Raised>
    readonly remedies: ReadonlyArray<string>
  },
): typeof Trace.Type => ({
  ...note(traced.recorded),
  checks: traced.checks,
  before: traced.before.map((view) => person(project, view)),
  after: traced.after.map((view) => person(project, view)),
  warnings: traced.warnings.map(warning),
  remedies: traced.remedies,
})

/** A property that differs: without `before` it is new, without `after` it is gone. */
const PropertyChange = Schema.Struct({
  key: Schema.String,
  before: Schema.optionalKey(Schema.Json),
  after: Schema.optionalKey(Schema.Json),
})

/** A person without its distinct ids and properties: their number, and what changed of them, stand beside. */
const CountedPerson = Schema.Struct({
  person_id: Schema.String,
  is_identified: Schema.Boolean,
  created_at: Time,
  version: Schema.Int,
  distinct_id_count: Schema.Int,
})

const Happening = Schema.Struct({
  ...Cause.fields,
  what: Schema.String,
  after: Schema.NullOr(CountedPerson),
  joined: Schema.Array(Schema.String),
  left: Schema.Array(Schema.String),
  properties: Schema.Array(PropertyChange),
})

/**
 * The changes of the person of an id, in order: the distinct ids that share it since then (`joined`) or
 * no more (`left`), and the properties that differ.
 */
export const History = Schema.Struct({ history: Schema.Array(Happening) })

const countedPerson = (view: CountedView): typeof CountedPerson.Type => ({
  person_id: view.id,
  is_identified: view.isIdentified,
  created_at: timeOf(view.createdAt),
  version: view.version,
  distinct_id_count: view.size,
})

type CountedView = People.Person & { readonly size: number }

/** The form of a person's history. */
export const history = (
  story: ReadonlyArray<{
    readonly position: number
    readonly event: Recorded | undefined
    readonly what: string
    readonly after: CountedView | undefined
    readonly joined: ReadonlyArray<DistinctId>
    readonly left: ReadonlyArray<DistinctId>
    readonly properties: ReadonlyArray<typeof PropertyChange.Type>
  }>,
): typeof History.Type => ({
  history: story.map(({ position, event, what, after, joined, left, properties }) => ({
    ...cause(position, event),
    what,
    after: after === undefined ? null : countedPerson(after),
    joined,
    left,
    properties,
  })),
})

/** The position of the first event that named a distinct id; null where none ever did. */
export const FirstNamed = Schema.Struct({ position: Schema.NullOr(Schema.Int) })

/** The persons and warnings that differ between two states of a project. */
export const Difference = Schema.Struct({
  persons: Schema.Array(
    Schema.Struct({
      change: Schema.Literals(["born", "gone", "changed", "renamed"]),
      before: OptionalPerson,
      after: OptionalPerson,
    }),
  ),
  warnings: Schema.Struct({ added: Schema.Array(Warning), removed: Schema.Array(Warning) }),
})

/** The difference that an edit makes, and the number of distinct ids that it can reach at most. */
export const WhatIf = Schema.Struct({ ...Difference.fields, blast_radius: Schema.Int })

interface DifferenceView {
  readonly persons: ReadonlyArray<{
    readonly change: "born" | "gone" | "changed" | "renamed"
    readonly before: PersonView | undefined
    readonly after: PersonView | undefined
  }>
  readonly warnings: {
    readonly added: ReadonlyArray<Raised>
    readonly removed: ReadonlyArray<Raised>
  }
}

/** The form of a difference. */
export const difference = (project: ProjectId, view: DifferenceView): typeof Difference.Type => ({
  persons: view.persons.map(({ change, before, after }) => ({
    change,
    before: personOrNull(project, before),
    after: personOrNull(project, after),
  })),
  warnings: {
    added: view.warnings.added.map(warning),
    removed: view.warnings.removed.map(warning),
  },
})

/** The form of a what-if. */
export const whatIf = (
  project: ProjectId,
  view: DifferenceView & { readonly blastRadius: number },
): typeof WhatIf.Type => ({
  ...difference(project, view),
  blast_radius: view.blastRadius,
})

/**
 * The first position at which a condition holds, the event there, and whether it holds ever after.
 */
export const Bisect = Schema.Struct({
  ...Cause.fields,
  position: Schema.NullOr(Schema.Int),
  lasting: Schema.Boolean,
})

/** The form of a bisection. */
export const bisect = (found: {
  readonly position: number | undefined
  readonly event: Recorded | undefined
  readonly isLasting: boolean
}): typeof Bisect.Type => ({
  ...cause(found.position ?? 0, found.event),
  position: found.position ?? null,
  lasting: found.isLasting,
})

/**
 * The result of comparing the stored state with a fold of the log; where they differ, the reason
 * and the persons.
 */
export const Verification = Schema.Struct({
  ok: Schema.Boolean,
  position: Schema.Int,
  state_hash: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  persons: Schema.optionalKey(Schema.Array(Schema.String)),
})

/** The form of a verification. */
export const verification = (view: {
  readonly isOk: boolean
  readonly position: number
  readonly stateHash: string
  readonly reason: string | undefined
  readonly persons: ReadonlyArray<string>
}): typeof Verification.Type => ({
  ok: view.isOk,
  position: view.position,
  state_hash: view.stateHash,
  ...(view.reason !== undefined && { reason: view.reason, persons: view.persons }),
})
