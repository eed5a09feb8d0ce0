import { Effect } from "effect"
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
  /** Whose it is now, after all merges, splits and deletions. */
  readonly personId: PersonId.PersonId | undefined
  /** Whose it was when it was processed. */
  readonly stampedPersonId: PersonId.PersonId | undefined
  /** When it happened, in epoch milliseconds. */
  readonly timestamp: number
  /** How it waited, where it did. */
  readonly waiting: WaitingView | undefined
}

/** An event of a page, with where it was processed. */
interface Placed {
  readonly recorded: RecordedPayload
  readonly event: Captured
  readonly fate: Fate | undefined
  readonly processedAt: Position
}

const place = (
  recorded: RecordedPayload,
  fates: ReadonlyMap<Position, Fate>,
  at: Position,
): ReadonlyArray<Placed> => {
  const { event, position } = recorded
  if (event._tag !== "Captured") return []
  const known = fates.get(position)
  const fate = known?._tag === "Waited" ? { ...known, ...waitingAt(known, at) } : known
  const released = fate?._tag === "Waited" ? fate.released : undefined
  return [{ recorded, event, fate, processedAt: released?.position ?? position }]
}

/**
 * The events of a page that clients reported, each with whose it is, now or once a position had been
 * processed: one question for all of them.
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
  const placed = page.flatMap((recorded) => place(recorded, fates, at))
  const ids = [...new Set(placed.map(({ event }) => event.distinctId))]
  const gone = yield* persons.goneAt(project, ids, at)
  const policies = yield* persons.policies(project)
  const owners = yield* persons.ownersAt(project, [
    ...placed.map(({ event, processedAt }) => ({
      distinctId: event.distinctId,
      position: processedAt,
    })),
    ...ids.map((distinctId) => ({ distinctId, position: at })),
  ])
  const now = new Map(ids.map((id, index) => [id, owners[placed.length + index]?.personId]))
  return placed.map((each, index) =>
    attribute(each, { project, checkpoint, policies, gone, now, owner: owners[index] }),
  )
})

interface Known {
  readonly project: ProjectId
  readonly checkpoint: Position
  readonly policies: ReadonlyArray<PolicyFrom>
  readonly gone: ReadonlyMap<DistinctId, Position>
  readonly now: ReadonlyMap<DistinctId, PersonId.PersonId | undefined>
  readonly owner: OwnerAt | undefined
}

const attribute = (placed: Placed, known: Known): Attributed => {
  const { recorded, event, fate, processedAt } = placed
  // What was released by a change of policy was processed before it.
  const policy = known.policies.findLast(({ from }) => from < processedAt)?.policy ?? Presets.page
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
  if (isWaiting || recorded.position > known.checkpoint) {
    return { ...common, ...nobody, status: "pending" }
  }
  const isPersonless = Personless.isPersonless(policy, event)
  // A deletion processes the events that it releases before it deletes.
  const isGone = processedAt <= (known.gone.get(event.distinctId) ?? 0)
  const own = isPersonless
    ? PersonId.of(known.project, event.distinctId, known.owner?.generation)
    : undefined
  return {
    ...common,
    status: isPersonless ? "personless" : "attributed",
    personId: isGone ? undefined : known.now.get(event.distinctId),
    stampedPersonId: waiting?.released?.personId ?? known.owner?.personId ?? own,
  }
}
