import type { Change, ComponentState } from "../state/Change.ts"
import * as Cones from "../state/Cones.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { bothOf } from "./EffectiveLog.ts"
import type { Recorded } from "../event/Event.ts"
import { step } from "../rules/ReleaseAndStep.ts"
import { canonical } from "../encoding/Json.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Position } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import {
  type Component,
  components,
  empty,
  generationOf,
  type Identity,
} from "../state/IdentityState.ts"
import * as WaitingQueue from "../state/WaitingQueue.ts"
import type { Warning } from "../state/Warning.ts"

/**
 * All that was ever said of some distinct ids, as a retraction reads it: nothing that an event does
 * can reach beyond the cones of the ids that it names (DESIGN §6).
 */
export interface Past {
  /** All ids of the cones. */
  readonly ids: ReadonlySet<DistinctId>
  /** The rules that the project began with. */
  readonly policy: Policy
  /** Their events and every change of policy, with a tick where what had waited was released. */
  readonly log: ReadonlyArray<Recorded>
}

/** The cones that some ids are in, as one set. */
export const conesOf = (identity: Identity, ids: Iterable<DistinctId>): ReadonlySet<DistinctId> =>
  new Set([...ids].flatMap((id) => Cones.of(identity, id).members))

/** When something that waits is due, as these logs have it. */
export const dues = (
  project: ProjectId,
  policy: Policy,
  logs: ReadonlyArray<ReadonlyArray<Recorded>>,
): ReadonlyArray<number> => {
  const times = new Set<number>()
  for (const log of logs) {
    for (const change of fold(project, policy, log).changes) {
      if (change._tag === "Held") times.add(change.waiting.dueAt)
    }
  }
  return [...times].toSorted((a, b) => a - b)
}

/**
 * The past with a tick wherever something that had waited was released: at the first position of the
 * whole log that is at or past its due time, whosever event lies there.
 */
export const withTicks = (
  past: Past,
  ticks: ReadonlyArray<{ readonly position: Position; readonly recordedAt: number }>,
  until: Position,
): Past => {
  const taken = new Set(past.log.map(({ position }) => position))
  const added = new Map<Position, Recorded>()
  for (const { position, recordedAt } of ticks) {
    if (position > until || taken.has(position)) continue
    added.set(position, { position, recordedAt, event: { _tag: "Ticked", uuid: `${position}` } })
  }
  if (added.size === 0) return past
  const log = [...past.log, ...added.values()].toSorted((a, b) => a.position - b.position)
  return { ...past, log }
}

/** The past of some ids out of a log in memory, up to and with a position. */
export const pastIn = (
  project: ProjectId,
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  { ids, until }: { readonly ids: ReadonlySet<DistinctId>; readonly until: Position },
): Past => {
  const isAbout = ({ event, position }: Recorded) =>
    position <= until &&
    (event._tag === "PolicyChanged" ||
      ("distinctId" in event && ids.has(event.distinctId)) ||
      ("source" in event && event.source !== undefined && ids.has(event.source)))
  const past = { ids, policy, log: log.filter(isAbout) }
  const times = dues(project, policy, bothOf(past.log))
  const ticks = times.flatMap((time) => firstAt(log, time) ?? [])
  return withTicks(past, ticks, until)
}

/** The past that a retraction reads, where the whole project lies in memory; other events need none. */
export const pastOf = (
  identity: Identity,
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  { event, position: until }: Recorded,
): Past | undefined => {
  if (event._tag !== "Retracted") return undefined
  const named = event.source === undefined ? [event.distinctId] : [event.distinctId, event.source]
  return pastIn(identity.project, policy, log, { ids: conesOf(identity, named), until })
}

/** The first event that was recorded at or after a time: times never go back. */
const firstAt = (log: ReadonlyArray<Recorded>, time: number): Recorded | undefined => {
  let [low, high] = [0, log.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.recordedAt ?? 0) < time) low = middle + 1
    else high = middle
  }
  return log[low]
}

interface Folded {
  readonly identity: Identity
  readonly changes: ReadonlyArray<Change>
}

const fold = (project: ProjectId, policy: Policy, log: ReadonlyArray<Recorded>): Folded => {
  const identity = empty(project, policy)
  const changes = log.flatMap((recorded) => {
    const made = step(identity, recorded)
    identity.position = recorded.position
    return made
  })
  return { identity, changes }
}

/**
 * What a retraction changes: from its position on, the state is what it would have been without the
 * event that it undoes, or with it where it undoes a retraction (SPEC §8). `past` ends with it.
 */
export const retract = (
  project: ProjectId,
  { position }: Recorded,
  past: Past,
): ReadonlyArray<Change> => {
  const [without, log] = bothOf(past.log)
  const [before, after] = [fold(project, past.policy, without), fold(project, past.policy, log)]
  return [
    ...componentChanges(position, past, before, after),
    ...warningChanges(position, past, before, after),
    ...waitingChanges(position, past, before, after),
    ...noteChanges(position, past, before, after),
  ]
}

type Compare = (
  position: Position,
  past: Past,
  before: Folded,
  after: Folded,
) => ReadonlyArray<Change>

const stateOf = ({ id, person, members, first, firstSeen, joined }: Component): ComponentState => ({
  id,
  person,
  members: members.toSorted(),
  first,
  firstSeen,
  ...(joined && { joined }),
})

const statesOf = ({ identity }: Folded, ids: ReadonlySet<DistinctId>) =>
  new Map(
    [...components(identity)]
      .filter(({ first }) => ids.has(first))
      .map((component) => [component.id, stateOf(component)]),
  )

const textOf = ({ person, members, first, firstSeen, joined }: ComponentState): string => {
  const { id, properties, isIdentified, createdAt, version } = person
  return canonical([
    [id, properties, isIdentified, createdAt, version],
    [...members, first, firstSeen, joined?.since ?? null, joined?.count ?? null],
  ])
}

const componentChanges: Compare = (position, { ids }, before, after) => {
  const [old, young] = [statesOf(before, ids), statesOf(after, ids)]
  const differsIn = (other: ReadonlyMap<string, ComponentState>) => (state: ComponentState) => {
    const same = other.get(state.id)
    return same === undefined || textOf(same) !== textOf(state)
  }
  const gone = [...old.values()].filter(differsIn(young))
  const made = [...young.values()].filter(differsIn(old))
  if (gone.length === 0 && made.length === 0) return []
  return [{ _tag: "ComponentsReplaced", position, gone, made }]
}

const warningsOf = ({ changes }: Folded): ReadonlyMap<Position, ReadonlyArray<Warning>> =>
  Map.groupBy(
    changes.flatMap((change) => (change._tag === "Warned" ? [change.warning] : [])),
    (warning) => warning.position,
  )

const warningsText = (warnings: ReadonlyArray<Warning> | undefined): string =>
  canonical((warnings ?? []).map(({ type, at, details }) => [type, at, details]))

/** An event's warnings stay as they are, or are all revoked and raised anew. */
const warningChanges: Compare = (position, past, before, after) => {
  const [old, young] = [warningsOf(before), warningsOf(after)]
  const isOurs = new Set(
    past.log.flatMap(({ position: own, event }) =>
      "distinctId" in event && past.ids.has(event.distinctId) ? [own] : [],
    ),
  )
  const all = [...new Set([...old.keys(), ...young.keys()])].toSorted((a, b) => a - b)
  return all.flatMap((own): ReadonlyArray<Change> => {
    const [revoked = [], raised = []] = [old.get(own), young.get(own)]
    if (!isOurs.has(own) || warningsText(revoked) === warningsText(raised)) return []
    return [
      ...(revoked.length > 0
        ? [{ _tag: "WarningsRevoked" as const, position, event: own, warnings: revoked }]
        : []),
      ...raised.map((warning) => ({ _tag: "Warned" as const, position, warning })),
    ]
  })
}

const waitingChanges: Compare = (position, { ids }, before, after) => {
  const [old, young] = [before, after].map(({ identity }) => {
    const all = WaitingQueue.all(identity.waiting).filter(({ event }) => ids.has(event.distinctId))
    return new Map(all.map((each) => [each.position, each]))
  })
  const gone = [...(old?.values() ?? [])].filter((each) => young?.has(each.position) === false)
  const made = [...(young?.values() ?? [])].filter((each) => old?.has(each.position) === false)
  return [
    ...gone.map((waiting) => {
      const personId = after.identity.components.get(waiting.event.distinctId)?.person.id
      return { _tag: "Unheld" as const, position, waiting, personId }
    }),
    ...made.map((waiting) => ({ _tag: "Held" as const, position, waiting })),
  ]
}

/** What is kept of ids beside their persons. */
const noteChanges: Compare = (position, { ids }, { identity: old }, { identity: young }) =>
  [...ids].toSorted().flatMap((distinctId): ReadonlyArray<Change> => {
    const changes: Array<Change> = []
    const wasPersonless = old.personless.has(distinctId)
    const isPersonless = young.personless.has(distinctId)
    if (wasPersonless && !isPersonless) {
      changes.push({ _tag: "PersonlessForgotten", position, distinctId })
    }
    if (isPersonless && !wasPersonless) {
      changes.push({ _tag: "SeenPersonless", position, distinctId })
    }
    const generation = generationOf(young, distinctId)
    const [goneBefore, goneAt] = [old.goneAt.get(distinctId), young.goneAt.get(distinctId)]
    if (generation !== generationOf(old, distinctId) || goneAt !== goneBefore) {
      changes.push({ _tag: "GenerationSet", position, distinctId, generation, goneAt })
    }
    const count = young.refusals.get(distinctId) ?? 0
    if (count !== (old.refusals.get(distinctId) ?? 0)) {
      changes.push({ _tag: "RefusalCounted", position, distinctId, count })
    }
    return changes
  })
