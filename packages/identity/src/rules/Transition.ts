import * as Buffer from "./Buffer.ts"
import type { Change } from "../state/Change.ts"
import type { Json } from "../encoding/Json.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Captured, Recorded } from "../event/Event.ts"
import { identify, linkCones } from "./merging/Merge.ts"
import * as OperatorRules from "./OperatorRules.ts"
import * as PropertyUpdate from "./properties/PropertyUpdate.ts"
import * as Personless from "./Personless.ts"
import type { Policy } from "../policy/Policy.ts"
import * as ChangedPolicy from "../policy/ChangedPolicy.ts"
import type { Position } from "../event/Position.ts"
import { type Identity, nextPersonId, personOf } from "../state/IdentityState.ts"
import { type Step, warn } from "./EventStep.ts"
import * as EventTime from "./EventTime.ts"
import { ordinary } from "./properties/PersonUpdate.ts"
import type { Waiting } from "../state/WaitingQueue.ts"

/**
 * The changes of one recorded event (SPEC §2–§6): pure and total. The checks stand in SPEC's order;
 * an event that cannot be applied as asked gives a warning, never an exception. The caller first
 * releases the events that are due.
 */
export const transition = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> => {
  const { position, event } = recorded
  switch (event._tag) {
    case "Captured":
      return isIdle(identity, event, recorded) ? none : arrive(identity, event, recorded)
    case "PolicyChanged":
      return [
        {
          _tag: "PolicySet",
          position,
          policy: ChangedPolicy.change(identity.policy, event.change),
        },
      ]
    case "Ticked":
      return none
    default:
      return OperatorRules.operate(identity, event, recorded)
  }
}

const none: ReadonlyArray<Change> = []

/**
 * True only for an event of a known person without a change or a warning. `isIdle` and `process`
 * are a pair: for an idle event `process` returns no changes. Most events are idle, so this test
 * comes first and allocates nothing.
 */
const isIdle = ({ components, policy }: Identity, event: Captured, at: Recorded): boolean => {
  const { distinctId, source, facts } = event
  if (source !== undefined && source !== distinctId) return false
  const person = components.get(distinctId)?.person
  return (
    person !== undefined &&
    facts.invalidUuid === undefined &&
    !Personless.isPersonless(policy, event) &&
    !Personless.isFlagInvalid(policy, event) &&
    EventTime.isBeyondDoubt(event, at.recordedAt, policy.timestamp_rules) &&
    PropertyUpdate.isUnmoved(person.properties, event, policy)
  )
}

/** The changes of a waiting event that `by` releases, at or past its due time (SPEC §4, P47). */
export const release = (
  identity: Identity,
  waiting: Waiting,
  by: Recorded,
): ReadonlyArray<Change> => {
  const { event } = waiting
  const { position } = by
  const changes = process(identity, event, waiting, position)
  return [
    ...changes,
    {
      _tag: "Released",
      position,
      event: waiting.position,
      by: by.event._tag === "Ticked" ? "tick" : "event",
      personId: ownerAfter(identity, event, changes),
    },
  ]
}

/** The person that owns a released event, after the event's own changes. */
const ownerAfter = (
  identity: Identity,
  { distinctId }: Captured,
  changes: ReadonlyArray<Change>,
) => {
  if (changes.some((change) => change._tag === "Dropped")) return undefined
  for (const change of changes) {
    if (change._tag === "PersonBorn" || change._tag === "ComponentsJoined") return change.person.id
    if (change._tag === "IdJoined") return personOf(identity, change.via)?.id
  }
  return personOf(identity, distinctId)?.id ?? nextPersonId(identity, distinctId)
}

/** Puts a new event into the waiting queue, or processes it at once. */
const arrive = (
  identity: Identity,
  event: Captured,
  { position, recordedAt }: Recorded,
): ReadonlyArray<Change> => {
  if (!Buffer.holds(identity, event)) {
    return process(identity, event, { position, recordedAt }, position)
  }
  const dueAt = Buffer.dueAt(identity.policy, recordedAt)
  return [{ _tag: "Held", position, waiting: { position, recordedAt, event, dueAt } }]
}

/**
 * Runs an event that does not wait, or no longer does, through all checks in order. A new check
 * belongs into its pair `isIdle`, too, unless it is one of `MergeChecks`: no event that merges is idle.
 */
const process = (
  identity: Identity,
  event: Captured,
  { position: eventPosition, recordedAt }: Pick<Recorded, "position" | "recordedAt">,
  position: Position,
): ReadonlyArray<Change> => {
  const { policy } = identity
  const reading = EventTime.read(event, recordedAt, policy.timestamp_rules)
  const { time: at } = reading
  const isForced = event.name === "$merge_dangerously"
  const changes: Array<Change> = []
  const step = { identity, event, eventPosition, position, recordedAt, at, isForced, changes }
  if (event.facts.invalidUuid !== undefined) drop(step, event.facts.invalidUuid)
  else {
    if (!Personless.isDropped(policy, event)) warnOfTime(step, reading)
    Personless.checkFlag(step, event)
    const source = sourceOf(event, policy)
    if (mayMergeLater(event, source)) linkCones(step, event.distinctId, event.source)
    if (Personless.isPersonless(policy, event)) Personless.process(step, event)
    else if (source === undefined) ordinary(step)
    else identify(step, source)
  }
  return changes
}

/** Drops an event with an invalid uuid: no person owns it (SPEC §6). */
const drop = (step: Step, invalidUuid: Json): void => {
  warn(step, "skipping_event_invalid_uuid", { eventUuid: JSON.stringify(invalidUuid) })
  step.changes.push({ _tag: "Dropped", position: step.position, event: step.eventPosition })
}

const warnOfTime = (step: Step, { warnings }: EventTime.Reading): void => {
  for (const { type, details } of warnings) warn(step, type, details)
}

/**
 * True for a `$merge_dangerously` that the current policy takes for an ordinary event. In a what-if
 * the event could wait and be released under a policy that merges, so its ids share a cone.
 */
const mayMergeLater = (
  event: Captured,
  source: DistinctId | undefined,
): event is Captured & { readonly source: DistinctId } =>
  event.name === "$merge_dangerously" &&
  source === undefined &&
  event.source !== undefined &&
  event.source !== event.distinctId

/** The id to merge into the event's `distinct_id`, where the event asks for it (P1). */
const sourceOf = (event: Captured, policy: Policy): DistinctId | undefined => {
  if (event.facts.emptySource && policy.empty_anon_distinct_id === "ignore") return undefined
  if (event.name === "$merge_dangerously" && !policy.merge_dangerously) return undefined
  return event.source
}
