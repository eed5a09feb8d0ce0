import { Effect } from "effect"
import type { WhatIf } from "@onymous/api/forms/ChangeForms"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { PolicyChange } from "@onymous/identity/policy/Policy"
import { PersonId } from "@onymous/identity/state/PersonId"
import { askOnce } from "../asking/Asking.ts"
import type { PersonForm } from "../data/Forms.ts"
import { nameOf, type PersonThen } from "../past/PersonFacts.ts"
import type { Side } from "./Forked.ts"

/** What would differ, as the server tells it. */
export interface AskedFork {
  readonly asItIs: ReadonlyArray<Side>
  readonly without: ReadonlyArray<Side>
  /** How many ids it could reach at most. */
  readonly reach: number
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

const forkOf = ({ persons, warnings, blast_radius }: typeof WhatIf.Type): AskedFork => {
  const pairs = persons.map(({ before, after }) => ({
    before: before === null ? undefined : thenOf(before),
    after: after === null ? undefined : thenOf(after),
  }))
  return {
    asItIs: pairs.flatMap(({ before, after }) => (before ? [sideOf(before, after)] : [])),
    without: pairs.flatMap(({ before, after }) => (after ? [sideOf(after, before)] : [])),
    reach: blast_radius,
    warningsAdded: warnings.added.length,
    warningsRemoved: warnings.removed.length,
  }
}

/** Asks the server what would be without some events, or under another rule: where the page cannot fold that. */
export const askWhatIf = (edit: {
  readonly without?: ReadonlyArray<string>
  readonly policy?: PolicyChange
}) =>
  Effect.map(
    askOnce(({ past }, asked) => past.whatIf({ ...asked, query: {}, payload: edit })),
    forkOf,
  )
