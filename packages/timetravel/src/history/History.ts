import { Effect } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import type { Change, LinkOutcome } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import type { PersonId } from "@onymous/identity/state/PersonId"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position, zero } from "@onymous/identity/event/Position"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Warning } from "@onymous/identity/state/Warning"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import type { PersonView, RaisedWarning } from "@onymous/persons/Persons"
import type { MembershipRow } from "@onymous/persons/rows/RowChanges"
import { Tables } from "@onymous/persons/memory/MemoryTables"
import { holdsAt, rowAt } from "@onymous/persons/rows/Interval"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"

/** An event that named two ids, and how that ended. */
export interface Link {
  readonly event: Recorded
  /** Where it was decided: later than the event where that had waited. */
  readonly position: Position
  readonly target: DistinctId
  readonly source: DistinctId
  readonly outcome: LinkOutcome
}

/** How many events are folded at a time. */
const pageSize = 1000

/** The rows, the changes and the state hash that a log leads to. */
interface Folded {
  readonly tables: Tables
  readonly changes: ReadonlyArray<Change>
  readonly stateHash: string
}

/** Folds a log page by page; after each one, how many events are done. */
function* steps(
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy.Policy,
): Generator<number, Folded> {
  const start: Checkpoint = { ...initial(project, "memory"), policy: startPolicy }
  const whole = new ProjectInMemory(start)
  const tables = new Tables()
  const changes: Array<Change> = []
  for (let done = 0; done < log.length;) {
    const page = Identity.pageOf(log.slice(done, done + pageSize))
    const [first] = page
    const past = first && ConePast.pastOf(whole.identity, startPolicy, log, first)
    for (const change of whole.fold(page, past)) changes.push(change)
    tables.write(whole.takeEnded().rows)
    done += page.length
    yield done
  }
  tables.write(WorkInTurns.atOnce(whole.finish()).rows)
  return { tables, changes, stateHash: whole.to.stateHash }
}

/** How far something is that takes long. */
export type OnProgress = (done: number, all: number) => void

/** The history of a log, folded in steps: other work goes on meanwhile, and an interruption ends it. */
export const build = Effect.fn("History.build")(function* (
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy.Policy = Presets.page,
  onProgress: OnProgress = () => {},
) {
  const folding = steps(project, log, startPolicy)
  for (;;) {
    const { done, value } = folding.next()
    if (done === true) return new History(project, log, startPolicy, value)
    onProgress(value, log.length)
    yield* Effect.yieldNow
  }
})

/**
 * A project's log in memory with all that it ever came to: every version of a person and every id's
 * way lie in rows that know from where until where they were true, so that the past is looked up, not
 * folded again (DESIGN §6).
 */
export class History {
  readonly project: ProjectId
  readonly log: ReadonlyArray<Recorded>
  readonly startPolicy: Policy.Policy
  readonly tables: Tables
  /** All changes, in order. */
  readonly changes: ReadonlyArray<Change>
  readonly stateHash: string
  readonly #membersOf = new Map<ComponentId, Array<MembershipRow>>()
  readonly #byUuid: ReadonlyMap<string, Recorded>
  readonly #byPosition: ReadonlyMap<Position, Recorded>

  constructor(
    project: ProjectId,
    log: ReadonlyArray<Recorded>,
    startPolicy: Policy.Policy = Presets.page,
    folded: Folded = WorkInTurns.atOnce(steps(project, log, startPolicy)),
  ) {
    this.project = project
    this.log = log
    this.startPolicy = startPolicy
    this.tables = folded.tables
    this.changes = folded.changes
    this.stateHash = folded.stateHash
    this.#byUuid = new Map(log.map((recorded) => [recorded.event.uuid, recorded]))
    const isWhole = (log.at(-1)?.position ?? 0) === log.length
    this.#byPosition = new Map(isWhole ? [] : log.map((recorded) => [recorded.position, recorded]))
    for (const row of [...this.tables.memberships.values()].flat()) {
      const rows = this.#membersOf.get(row.component)
      if (rows === undefined) this.#membersOf.set(row.component, [row])
      else rows.push(row)
    }
  }

  /**
   * The history that retractions up to a position leave: what they undo never was. Chains and culprits
   * are looked for there; without retractions it is this one.
   */
  effectiveAt(position: Position = this.head): History {
    const past = this.log.filter((recorded) => recorded.position <= position)
    const log = EffectiveLog.effective(past)
    return log === past ? this : new History(this.project, log, this.startPolicy)
  }

  /** Where an event was undone, as of a position, and by which retraction. */
  undoneAt(uuid: string, position: Position = this.head): Recorded | undefined {
    const past = this.log.filter((recorded) => recorded.position <= position)
    const undone = EffectiveLog.undone(past)
    return undone.has(uuid)
      ? past.findLast(
          ({ event }) =>
            event._tag === "Retracted" && event.eventUuid === uuid && !undone.has(event.uuid),
        )
      : undefined
  }

  /** The last position. */
  get head(): Position {
    return this.log.at(-1)?.position ?? zero
  }

  /** The event with a uuid, in any case. */
  eventOf(uuid: string): Recorded | undefined {
    return this.#byUuid.get(uuid.toLowerCase())
  }

  /** The event at a position. */
  eventAt(position: Position): Recorded | undefined {
    // Positions of a whole log have no gaps; those of a part of one do.
    const here = this.log[position - 1]
    if (here?.position === position) return here
    return this.#byPosition.get(position)
  }

  /** The component that a distinct id was in. */
  componentAt(id: DistinctId, position: number): ComponentId | undefined {
    return rowAt(this.tables.memberships.get(id), position)?.component
  }

  /** The distinct ids that were in a component, sorted. */
  membersAt(component: ComponentId, position: number): ReadonlyArray<DistinctId> {
    const rows = this.#membersOf.get(component) ?? []
    return rows
      .filter((row) => holdsAt(row, position))
      .map(({ distinctId }) => distinctId)
      .toSorted()
  }

  /** The person that a distinct id led to. */
  personAt(id: DistinctId, position: number = this.head): PersonView | undefined {
    const component = this.componentAt(id, position)
    return component === undefined ? undefined : this.#personOf(component, position)
  }

  #personOf(component: ComponentId, position: number): PersonView | undefined {
    const personId = rowAt(this.tables.components.get(component), position)?.personId ?? component
    const person = rowAt(this.tables.persons.get(personId), position)?.person
    return person && { ...person, distinctIds: this.membersAt(component, position) }
  }

  /** All persons that there were, by first distinct id. */
  personsAt(position: number = this.head): ReadonlyArray<PersonView> {
    const components = new Set<ComponentId>()
    for (const rows of this.tables.memberships.values()) {
      const row = rowAt(rows, position)
      if (row !== undefined) components.add(row.component)
    }
    return [...components]
      .flatMap((component) => this.#personOf(component, position) ?? [])
      .toSorted((a, b) => ((a.distinctIds[0] ?? "") < (b.distinctIds[0] ?? "") ? -1 : 1))
  }

  /** The warnings that had been raised. */
  warningsAt(position: number = this.head): ReadonlyArray<RaisedWarning> {
    return this.tables.warnings.flatMap(({ warning, ...row }) =>
      holdsAt(row, position) ? [{ ...warning, raisedAt: row.from }] : [],
    )
  }

  /** The rules that held. */
  policyAt(position: number): Policy.Policy {
    return this.tables.policies.findLast(({ from }) => from <= position)?.policy ?? this.startPolicy
  }

  /** Every version of a person, in order. */
  versionsOf(personId: PersonId) {
    return this.tables.persons.get(personId) ?? []
  }

  /** Every place where an id was, in order. */
  membershipsOf(id: DistinctId): ReadonlyArray<MembershipRow> {
    return this.tables.memberships.get(id) ?? []
  }

  /** The events that named two ids and were decided by then, in order. */
  linksAt(position: number = this.head): ReadonlyArray<Link> {
    return this.tables.links.flatMap(
      ({ event: at, position: decided, target, source, outcome }) => {
        const event = this.eventAt(at)
        if (event === undefined || decided > position) return []
        return [{ event, position: decided, target, source, outcome }]
      },
    )
  }

  /** The warning that an event raised, if it raised one. */
  warningOf({ position }: Recorded): Warning | undefined {
    return this.tables.warnings.find(({ warning }) => warning.position === position)?.warning
  }
}

/** The position before another one; 0 is before the first event. */
export const before = (position: Position): Position => Position(Math.max(0, position - 1))
