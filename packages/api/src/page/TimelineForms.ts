import { Schema } from "effect"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import {
  At,
  Count,
  EventUuid,
  Id,
  pageOf,
  PersonId,
  Time,
  timeOf,
  truth,
} from "../forms/Listing.ts"

/** What is counted, and what that is. */
const counted = {
  born: "Ids that founded a person",
  attached: "Ids that joined a person as they came",
  merged: "Persons that became part of another",
  lost: "Of these, those of whose properties one at least gave way",
  refused: "Merges that were asked for and refused",
  warned: "Warnings",
  apart: "Persons that were split, deleted or regrouped by a retraction",
  held: "Events that began to wait",
  released: "Events that had waited and were released",
  versions: "New versions of persons",
} as const

type Counted = keyof typeof counted

const column = (description: string) =>
  Schema.Array(Count).annotate({ description, examples: [[0, 2, 1]] })

/** Counts of what became true along the log, as columns: the n-th entry of each is of the n-th bucket. */
export const Activity = Schema.Struct({
  position: At.annotate({
    description: "The position of the persons: what comes later is not counted",
  }),
  from: At.annotate({ description: "The first position of the first bucket" }),
  to: At.annotate({ description: "The last position of the last bucket" }),
  size: Schema.Int.annotate({
    description: "How many positions a bucket has: a multiple of 1000 where they are many",
    examples: [1000],
  }),
  time: Schema.Array(Schema.Int).annotate({
    description: "When the first event of each bucket came, in epoch milliseconds",
    examples: [[1_666_699_200_000]],
  }),
  born: column(counted.born),
  attached: column(counted.attached),
  merged: column(counted.merged),
  lost: column(counted.lost),
  refused: column(counted.refused),
  warned: column(counted.warned),
  apart: column(counted.apart),
  held: column(counted.held),
  released: column(counted.released),
  versions: column(counted.versions),
}).annotate({ description: "What became true along the log, bucket by bucket" })

interface ActivityView {
  readonly position: number
  readonly from: number
  readonly to: number
  readonly size: number
  readonly times: ReadonlyArray<number>
  /** Counts of the buckets in which something became true. */
  readonly buckets: ReadonlyArray<Readonly<Record<Counted, number>> & { readonly index: number }>
}

/** The form of counts along the log. */
export const activity = ({ times, buckets, ...view }: ActivityView): typeof Activity.Type => {
  const countsOf = (kind: Counted) => {
    const counts = times.map(() => 0)
    for (const bucket of buckets) counts[bucket.index] = bucket[kind]
    return counts
  }
  return {
    ...view,
    time: times,
    born: countsOf("born"),
    attached: countsOf("attached"),
    merged: countsOf("merged"),
    lost: countsOf("lost"),
    refused: countsOf("refused"),
    warned: countsOf("warned"),
    apart: countsOf("apart"),
    held: countsOf("held"),
    released: countsOf("released"),
    versions: countsOf("versions"),
  }
}

/** The kinds of changes: what events made true, and what operators did. */
export const kinds = [
  "born",
  "attached",
  "merged",
  "refused",
  "warned",
  "held",
  "released",
  ...OperatorCommand.kinds,
  "policy",
] as const

export type Kind = (typeof kinds)[number]

const Change = Schema.Struct({
  position: At.annotate({ description: "Where it became true" }),
  received_at: Time,
  kind: Schema.Literals(kinds).annotate({ description: "What it was" }),
  ids: Schema.Array(Id).annotate({ description: "The distinct ids that its event names" }),
  event_position: At.annotate({
    description: "Where its event lies: before `position`, where it had waited",
  }),
  event_uuid: EventUuid,
  count: Count.annotate({ description: "How many of the kind there were at the position" }),
  lost: Count.annotate({ description: "How many properties gave way in a merge" }),
}).annotate({ description: "Something that became true at a position" })

/** Changes one by one; all of a position, or none. */
export const Changes = Schema.Struct({
  results: Schema.Array(Change).annotate({
    description: "After a position in the order of the log; before one newest first",
  }),
  position: At.annotate({ description: "The position of the persons" }),
}).annotate({ description: "What became true, change by change" })

interface MarkView {
  readonly position: number
  readonly recordedAt: number
  readonly uuid: string
  readonly ids: ReadonlyArray<string>
}

/** The form of a change, with the marks of where it became true and of its event. */
export const change = (
  view: { readonly kind: Kind; readonly count: number; readonly lost: number },
  at: MarkView,
  event: MarkView,
): typeof Change.Type => ({
  position: at.position,
  received_at: timeOf(at.recordedAt),
  kind: view.kind,
  ids: event.ids,
  event_position: event.position,
  event_uuid: event.uuid,
  count: view.count,
  lost: view.lost,
})

const Merge = Schema.Struct({
  position: At.annotate({ description: "Where it became true" }),
  event_position: At.annotate({ description: "Where its event lies" }),
  event_uuid: EventUuid,
  received_at: Time,
  target: Id.annotate({ description: "The distinct id whose person stayed" }),
  source: Id.annotate({ description: "The distinct id whose person became part of it" }),
  lost: Count.annotate({ description: "How many properties of the source gave way" }),
  both_identified: truth("True where both had been identified"),
  by_operator: truth("True where an operator asked for it"),
  holds: truth("True where the two are one person at the position of the answer"),
}).annotate({ description: "A merge of two persons" })

/** Merges that are worth a look, those in which most gave way first. */
export const Merges = pageOf(
  Merge,
  At.annotate({ description: "What `before` takes for the next page" }),
  "Merges that are worth a look",
)

/** The form of a merge. */
export const merge = (
  view: {
    readonly position: number
    readonly event: number
    readonly target: string
    readonly source: string
    readonly lost: number
    readonly areIdentified: boolean
    readonly isOperators: boolean
  },
  event: MarkView | undefined,
  holds: boolean,
): typeof Merge.Type => ({
  position: view.position,
  event_position: view.event,
  event_uuid: event?.uuid ?? "",
  received_at: timeOf(event?.recordedAt ?? 0),
  target: view.target,
  source: view.source,
  lost: view.lost,
  both_identified: view.areIdentified,
  by_operator: view.isOperators,
  holds,
})

/** Distinct ids that begin with a text. */
export const Ids = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({ distinct_id: Id, person_id: PersonId }).annotate({
      description: "A distinct id, and whose it is",
    }),
  ).annotate({ description: "In the order of their bytes" }),
  more: truth("True where more begin so"),
  position: At.annotate({ description: "The position that the answer is as of" }),
}).annotate({ description: "Distinct ids that begin with a text" })

/** Persons that held a value before. */
export const FormerValues = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({
      person_id: PersonId,
      distinct_id: Id.annotate({ description: "A distinct id that the person had then" }),
      property: Schema.String.annotate({ description: "The property with the value" }),
      from: At.annotate({ description: "The position from which on it was so" }),
      until: At.annotate({ description: "The position from which on it was not so any more" }),
    }).annotate({ description: "A person, and when a property of it held the text last" }),
  ).annotate({ description: "What ended last comes first; a person comes once" }),
  position: At.annotate({ description: "The position that the answer is as of" }),
}).annotate({ description: "Persons that held a value before, which they have no more" })
