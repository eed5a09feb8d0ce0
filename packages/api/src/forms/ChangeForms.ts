import { Schema } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { checkIds, verdicts } from "@onymous/identity/policy/CheckCodes"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type * as People from "@onymous/identity/state/Person"
import type { Warning as Raised } from "@onymous/identity/state/Warning"
import { Cause, cause, EventNote, note } from "./EventForms.ts"
import { At, Count, Id, PersonId, StateHash, text, Time, timeOf, truth } from "./Listing.ts"
import { Person, person } from "./PersonForms.ts"
import { Warning, warning } from "./WarningForms.ts"

type PersonView = People.Person & { readonly distinctIds: ReadonlyArray<DistinctId> }

const personOrNull = (project: ProjectId, view: PersonView | undefined) =>
  view === undefined ? null : person(project, view)

const PersonBefore = Schema.NullOr(Person).annotate({
  description: "The person before, if it was there",
})

const PersonAfter = Schema.NullOr(Person).annotate({
  description: "The person after, if it is there",
})

const Check = Schema.Struct({
  id: Schema.Literals(checkIds).annotate({
    description: "Which check it is: those of a merge, and what is told around them",
    examples: ["identified_source"],
  }),
  verdict: Schema.Literals(verdicts).annotate({
    description:
      "What it came to: the event passed, was stopped, or had nothing more to do; it waits; a guard observed what it would refuse; or it is a fact",
    examples: ["stop"],
  }),
  check: text("The check in words", "is alice refused for being identified?"),
  outcome: text("What it came to, in words", "yes: only an anonymous id can be merged"),
}).annotate({ description: "A check of the rules, in their order" })

/** The checks of an event, with the persons before and after it, and what would make it pass. */
export const Trace = Schema.Struct({
  ...EventNote.fields,
  checks: Schema.Array(Check).annotate({ description: "The checks, in the order of the rules" }),
  before: Schema.Array(Person).annotate({ description: "The persons before the event" }),
  after: Schema.Array(Person).annotate({ description: "The persons after it" }),
  warnings: Schema.Array(Warning).annotate({ description: "The warnings that it raised" }),
  remedies: Schema.Array(
    text("What would make it pass", "Merge the two persons by hand."),
  ).annotate({
    description: "What would make it pass, where something was refused",
  }),
}).annotate({ description: "What the rules made of an event, check by check" })

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
  key: text("The name of a property", "plan"),
  before: Schema.optionalKey(
    Schema.Json.annotate({ description: "Its value before; missing where it is new" }),
  ),
  after: Schema.optionalKey(
    Schema.Json.annotate({ description: "Its value after; missing where it is gone" }),
  ),
}).annotate({ description: "A property that differs" })

/** A person without its distinct ids and properties: their number, and what changed of them, stand beside. */
const CountedPerson = Schema.Struct({
  person_id: PersonId,
  is_identified: truth("True for a person that an event has identified"),
  created_at: Time,
  version: Count.annotate({ description: "How often its properties have changed" }),
  distinct_id_count: Count.annotate({ description: "How many distinct ids it has" }),
}).annotate({ description: "A person without its distinct ids and properties" })

const Happening = Schema.Struct({
  ...Cause.fields,
  what: text("What happened", "merged"),
  after: Schema.NullOr(CountedPerson).annotate({
    description: "The person after, if it is there",
  }),
  joined: Schema.Array(Id).annotate({ description: "Distinct ids that share it since then" }),
  left: Schema.Array(Id).annotate({ description: "Distinct ids that share it no more" }),
  properties: Schema.Array(PropertyChange).annotate({ description: "Properties that differ" }),
}).annotate({ description: "A change of the person" })

/**
 * The changes of the person of an id, in order: the distinct ids that share it since then (`joined`) or
 * no more (`left`), and the properties that differ.
 */
export const History = Schema.Struct({
  history: Schema.Array(Happening).annotate({ description: "The changes, in order" }),
}).annotate({ description: "Every change of an id's person, each with its cause" })

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
export const FirstNamed = Schema.Struct({
  position: Schema.NullOr(At).annotate({ description: "Where; null where no event ever did" }),
}).annotate({ description: "Where an event named an id first" })

/** The persons and warnings that differ between two states of a project. */
export const Difference = Schema.Struct({
  persons: Schema.Array(
    Schema.Struct({
      change: Schema.Literals(["born", "gone", "changed", "renamed"]).annotate({
        description: "What became of the person",
      }),
      before: PersonBefore,
      after: PersonAfter,
    }).annotate({ description: "A person that differs" }),
  ).annotate({ description: "The persons that differ" }),
  warnings: Schema.Struct({
    added: Schema.Array(Warning).annotate({ description: "Those that are new" }),
    removed: Schema.Array(Warning).annotate({ description: "Those that are gone" }),
  }).annotate({ description: "The warnings that differ" }),
}).annotate({ description: "What differs between two states of a project" })

/** The difference that an edit makes, and the number of distinct ids that it can reach at most. */
export const WhatIf = Schema.Struct({
  ...Difference.fields,
  blast_radius: Count.annotate({ description: "How many distinct ids it can reach at most" }),
}).annotate({ description: "What would be different" })

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
  position: Schema.NullOr(At).annotate({
    description: "The first position; null where there is none",
  }),
  lasting: truth("True where it held ever after"),
}).annotate({ description: "The first position at which a condition was true" })

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
  ok: truth("True where all is as it was derived"),
  position: At,
  state_hash: StateHash,
  reason: Schema.optionalKey(text("How it differs", "the event is not what was appended")),
  persons: Schema.optionalKey(
    Schema.Array(PersonId).annotate({ description: "The persons that differ" }),
  ),
}).annotate({ description: "What came of comparing what is stored with the log" })

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
