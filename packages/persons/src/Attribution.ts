import { Array as Arr, Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured } from "@onymous/identity/event/Event"
import * as PersonId from "@onymous/identity/state/PersonId"
import * as Personless from "@onymous/identity/rules/Personless"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventTime from "@onymous/identity/rules/EventTime"
import type { RecordedPayload } from "@onymous/log/EventLog"
import {
  latest,
  waitingAt,
  type Fate,
  type OwnerAt,
  Persons,
  type PolicyFrom,
  type WaitingView,
} from "./Persons.ts"

/** Whose an event is (SPEC §5). */
export interface Attributed {
  readonly recorded: RecordedPayload
  readonly event: Captured
  readonly status: "attributed" | "pending" | "dropped" | "personless"
  /** The event's person now, after all merges, splits and deletions. */
  readonly personId: PersonId.PersonId | undefined
  /** The event's person when the event was processed. */
  readonly stampedPersonId: PersonId.PersonId | undefined
  /** When it happened, in epoch milliseconds. */
  readonly timestamp: number
  /** Until when the event waits, or waited; undefined for one that never did. */
  readonly waiting: WaitingView | undefined
}

/** An event of a page, with the position at which it was processed: its own, or that of its release. */
interface ProcessedEvent {
  readonly recorded: RecordedPayload
  readonly event: Captured
  readonly fate: Fate | undefined
  readonly processedAt: Position
}

const place = (
  recorded: RecordedPayload,
  fates: ReadonlyMap<Position, Fate>,
  at: Position,
): ReadonlyArray<ProcessedEvent> => {
  const { event, position } = recorded
  if (event._tag !== "Captured") return []
  const stored = fates.get(position)
  const fate = stored?._tag === "Waited" ? { ...stored, ...waitingAt(stored, at) } : stored
  const released = fate?._tag === "Waited" ? fate.released : undefined
  return [{ recorded, event, fate, processedAt: released?.position ?? position }]
}

/**
 * The client events of a page, each with its person now or once a position had been processed. All of them are
 * answered together, by one query of each kind.
 */
export const of = Effect.fn("Attribution.of")(function* (
  project: ProjectId,
  page: ReadonlyArray<RecordedPayload>,
  checkpoint: Position,
  at: Position = latest,
) {
  const persons = yield* Persons
  const positions = page.map(({ position }) => position)
  const fates = yield* persons.fates(project, positions)
  const events = page.flatMap((recorded) => place(recorded, fates, at))
  const ids = [...new Set(events.map(({ event }) => event.distinctId))]
  const gone = yield* persons.goneAt(project, ids, at)
  const policies = yield* persons.policies(project)
  const whenProcessed = events.map(({ event: { distinctId }, processedAt }) => ({
    distinctId,
    position: processedAt,
  }))
  const today = ids.map((distinctId) => ({ distinctId, position: at }))
  const owners = yield* persons.ownersAt(project, [...whenProcessed, ...today])
  const [ownersThen, ownersNow] = Arr.splitAt(owners, whenProcessed.length)
  const now = new Map(ids.map((id, index) => [id, ownersNow[index]?.personId]))
  return events.map((each, index) =>
    attribute(each, { project, checkpoint, policies, gone, now, owner: ownersThen[index] }),
  )
})

/** What decides whose an event is. `owner` is the owner of its id when it was processed, `now` those of today. */
interface OwnershipFacts {
  readonly project: ProjectId
  readonly checkpoint: Position
  readonly policies: ReadonlyArray<PolicyFrom>
  readonly gone: ReadonlyMap<DistinctId, Position>
  readonly now: ReadonlyMap<DistinctId, PersonId.PersonId | undefined>
  readonly owner: OwnerAt | undefined
}

const attribute = (processed: ProcessedEvent, facts: OwnershipFacts): Attributed => {
  const { recorded, event, fate, processedAt } = processed
  // A change of policy first releases events that wait, so they are processed by the policy before it.
  const policy = facts.policies.findLast(({ from }) => from < processedAt)?.policy ?? Presets.page
  const waiting = fate?._tag === "Waited" ? fate : undefined
  const common = {
    recorded,
    event,
    timestamp: EventTime.of(event, recorded.recordedAt, policy.timestamp_rules),
    waiting,
  }
  const nobody = { personId: undefined, stampedPersonId: undefined }
  if (fate?._tag === "Dropped") return { ...common, ...nobody, status: "dropped" }
  const isWaiting = waiting !== undefined && waiting.released === undefined
  if (isWaiting || recorded.position > facts.checkpoint) {
    return { ...common, ...nobody, status: "pending" }
  }
  const isPersonless = Personless.isPersonless(policy, event)
  // A deletion processes the events that it releases before it deletes.
  const isGone = processedAt <= (facts.gone.get(event.distinctId) ?? 0)
  const personlessId = isPersonless
    ? PersonId.of(facts.project, event.distinctId, facts.owner?.generation)
    : undefined
  return {
    ...common,
    status: isPersonless ? "personless" : "attributed",
    personId: isGone ? undefined : facts.now.get(event.distinctId),
    stampedPersonId: waiting?.released?.personId ?? facts.owner?.personId ?? personlessId,
  }
}
