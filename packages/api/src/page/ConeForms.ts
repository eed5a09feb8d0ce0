import { Result, Schema } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Event, Recorded } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { Position } from "@onymous/identity/event/Position"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import { Policy } from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { At, Count, EventName, EventUuid, Id, text, truth } from "../forms/Listing.ts"

// Not taken apart by its braces: then a bundle would hold the whole of Schema.
const optionalKey = Schema.optionalKey

/** The first line: whose cone it is, how much, and what a fold of it begins with. */
const Head = Schema.Struct({
  ids: Schema.Array(Id).annotate({
    description: "The distinct ids that events have named together; none where it is too much",
  }),
  events: Count.annotate({
    description: "How many events name them, changes of policy among these",
  }),
  bytes: Schema.Int.annotate({
    description: "Bytes of the facts of these events",
    examples: [2048],
  }),
  until: At.annotate({ description: "The position up to which it is told" }),
  log_id: text("Names this log for ever", "9a3d397b-8a0f-4392-8208-5348c5056d9e"),
  start_policy: Policy.annotate({ description: "The rules before the first event" }),
  is_whole: truth(
    "False where it is too much: then this line is all, and the server is asked instead",
  ),
}).annotate({ description: "The first line: how much follows, and up to where" })

const Kind = Schema.Literals(["captured", "policy_changed", "ticked", "operated"])

/** A line for each event, in the order of the log, without what identity never reads. */
const Line = Schema.Struct({
  position: At,
  recorded_at: Schema.Int.annotate({
    description: "When the log took it, in epoch milliseconds",
    examples: [1_666_699_200_000],
  }),
  uuid: EventUuid,
  kind: Kind.annotate({
    description: "Whose it is; `ticked` where time passed, whosever event lies there",
  }),
  name: optionalKey(EventName),
  distinct_id: optionalKey(Id),
  source: optionalKey(Id.annotate({ description: "The id to merge into distinct_id" })),
  timestamp: optionalKey(text("When it was, by its client", "2022-10-25T12:00:00Z")),
  sent_at: optionalKey(text("When it was sent, by its client", "2022-10-25T12:00:00Z")),
  offset: optionalKey(
    Schema.Finite.annotate({ description: "Milliseconds before it came", examples: [0] }),
  ),
  facts: optionalKey(text("What else identity reads of it, as JSON", '{"set":{"plan":"pro"}}')),
}).annotate({ description: "An event, as far as identity reads it" })

/** A line of a cone. */
export const ConeLine = Schema.Union([Head, Line]).annotate({
  description: "First how much it is, then a line for each event",
})

/** A cone as it was read. */
interface ConeView {
  readonly ids: ReadonlySet<string>
  readonly events: number
  readonly bytes: number
  readonly until: number
  readonly logId: string
  readonly log: ReadonlyArray<Recorded> | undefined
}

const head = (cone: ConeView, startPolicy: Policy): typeof Head.Type => ({
  ids: cone.log === undefined ? [] : [...cone.ids].toSorted(),
  events: cone.events,
  bytes: cone.bytes,
  until: cone.until,
  log_id: cone.logId,
  start_policy: startPolicy,
  is_whole: cone.log !== undefined,
})

const saidBy = (event: Event): Partial<typeof Line.Type> & Pick<typeof Line.Type, "kind"> => {
  switch (event._tag) {
    case "Captured":
      return {
        kind: "captured",
        name: event.name,
        distinct_id: event.distinctId,
        ...(event.source !== undefined && { source: event.source }),
        ...(event.timestamp !== undefined && { timestamp: event.timestamp }),
        ...(event.sentAt !== undefined && { sent_at: event.sentAt }),
        ...(event.offset !== undefined && { offset: event.offset }),
        ...(Object.keys(event.facts).length > 0 && { facts: JSON.stringify(event.facts) }),
      }
    case "PolicyChanged":
      return { kind: "policy_changed", facts: JSON.stringify(event.change) }
    case "Ticked":
      return { kind: "ticked" }
    default:
      return { kind: "operated", facts: JSON.stringify(OperatorCommand.encode(event)) }
  }
}

const line = ({ position, recordedAt, event }: Recorded): typeof Line.Type => ({
  position,
  recorded_at: recordedAt,
  uuid: event.uuid,
  ...saidBy(event),
})

/** The lines of a cone. */
export const lines = (cone: ConeView, startPolicy: Policy): ReadonlyArray<typeof ConeLine.Type> => [
  head(cone, startPolicy),
  ...(cone.log ?? []).map(line),
]

/** Only what was decoded is ever sent: anything else is a defect. */
const known: <A>(decoded: Result.Result<A, unknown>) => A = Result.getOrThrow

const capturedOf = (said: typeof Line.Type): Captured => ({
  _tag: "Captured",
  uuid: said.uuid,
  name: said.name ?? "",
  distinctId: DistinctId(said.distinct_id ?? ""),
  ...(said.source !== undefined && { source: DistinctId(said.source) }),
  ...(said.timestamp !== undefined && { timestamp: said.timestamp }),
  ...(said.sent_at !== undefined && { sentAt: said.sent_at }),
  ...(said.offset !== undefined && { offset: said.offset }),
  facts: ExactJson.parseObject(said.facts ?? "{}"),
})

const eventOf = (said: typeof Line.Type): Event => {
  const { kind, uuid, facts = "{}" } = said
  switch (kind) {
    case "captured":
      return capturedOf(said)
    case "policy_changed":
      return {
        _tag: "PolicyChanged",
        uuid,
        change: known(PolicyChange.decode(ExactJson.parseObject(facts))),
      }
    case "ticked":
      return { _tag: "Ticked", uuid }
    case "operated":
      return known(OperatorCommand.decode(ExactJson.parseObject(facts), uuid))
  }
}

/** What the lines of a cone say: the first line, and the log that `History.build` folds. */
export const read = (
  said: ReadonlyArray<typeof ConeLine.Type>,
): { readonly head: typeof Head.Type; readonly log: ReadonlyArray<Recorded> } => {
  const [first, ...rest] = said
  if (first === undefined || !("until" in first)) throw new Error("A cone begins with its head.")
  const log = rest.flatMap((each) =>
    "until" in each
      ? []
      : [{ position: Position(each.position), recordedAt: each.recorded_at, event: eventOf(each) }],
  )
  return { head: first, log }
}
