import { Effect } from "effect"
import type { Json } from "@onymous/identity/encoding/Json"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { PersonId } from "@onymous/identity/state/PersonId"
import { askOnce, Refused } from "../asking/Asking.ts"
import type { PersonForm } from "../data/Forms.ts"
import { nameOf, type PersonThen } from "../past/PersonFacts.ts"
import type { Side } from "../whatif/Forked.ts"

/** What other rules would have come to. */
export interface OtherRules {
  readonly asItIs: ReadonlyArray<Side>
  readonly without: ReadonlyArray<Side>
  readonly warningsAdded: number
  readonly warningsRemoved: number
}

const thenOf = (form: PersonForm): PersonThen => ({
  id: PersonId(form.person_id),
  distinctIds: form.distinct_ids.map(DistinctId),
  properties: form.properties,
  isIdentified: form.is_identified,
  createdAt: Date.parse(form.created_at),
  version: form.version,
})

const sideOf = (person: PersonThen, other: PersonThen | undefined): Side => {
  const known = new Set<string>(other?.distinctIds)
  return {
    person,
    title: nameOf(person.properties) ?? person.distinctIds[0] ?? person.id,
    events: undefined,
    otherEvents: undefined,
    gained: new Set(person.distinctIds.filter((id) => !known.has(id))),
    other,
  }
}

/** Asks what would be, had a rule been another from the beginning. */
export const otherRules = Effect.fnUntraced(function* (field: string, value: Json) {
  const policy = yield* Effect.mapError(
    Effect.fromResult(PolicyChange.decode({ [field]: value })),
    ({ expected }) =>
      new Refused({ code: "invalid_input", message: `${field}: expected ${expected}` }),
  )
  const { persons, warnings } = yield* askOnce(({ past }, asked) =>
    past.whatIf({ ...asked, query: {}, payload: { policy } }),
  )
  const pairs = persons.map(({ before, after }) => ({
    before: before === null ? undefined : thenOf(before),
    after: after === null ? undefined : thenOf(after),
  }))
  return {
    asItIs: pairs.flatMap(({ before, after }) => (before ? [sideOf(before, after)] : [])),
    without: pairs.flatMap(({ before, after }) => (after ? [sideOf(after, before)] : [])),
    warningsAdded: warnings.added.length,
    warningsRemoved: warnings.removed.length,
  } satisfies OtherRules
})
