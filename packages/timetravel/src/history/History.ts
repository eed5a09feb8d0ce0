import { Effect } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import type { Change, LinkOutcome } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { countUpTo, Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Warning } from "@onymous/identity/state/Warning"
import type { PersonView, RaisedWarning } from "@onymous/persons/Persons"
import type { MembershipRow } from "@onymous/persons/rows/RowChanges"
import type { Tables } from "@onymous/persons/memory/MemoryTables"
import { holdsAt, rowAt } from "@onymous/persons/rows/Interval"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { type FoldedLog, steps } from "./FoldedLog.ts"
import { QuestionProgress } from "./QuestionProgress.ts"

/** An event that named two distinct ids, and the outcome of its merge. */
export interface Link {
  readonly event: Recorded
  /** The position of the decision: after the event's own where the event waited. */
  readonly position: Position
  readonly target: DistinctId
  readonly source: DistinctId
  readonly outcome: LinkOutcome
}

/** A split or a deletion that took ids out of their persons. */
export interface Cut {
  readonly position: Position
  readonly ids: ReadonlyArray<DistinctId>
}

/** Folds a log a page at a time: other fibers run between pages, and an interruption stops it. */
export const build = Effect.fn("History.build")(function* (
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy.Policy = Presets.page,
) {
  const onStep = yield* QuestionProgress
  const folding = steps(project, log, startPolicy)
  for (;;) {
    const { done, value } = folding.next()
    if (done === true) return new History(project, log, startPolicy, value)
    if (value !== undefined) onStep("folding", value, log.length)
    yield* Effect.yieldNow
  }
})

/**
 * A project's log in memory with every row that it led to. Each row carries the interval of
 * positions in which it was true, so a question about the past is a look-up, not a fold (DESIGN
 * §6).
 */
export class History {
  readonly project: ProjectId
  readonly log: ReadonlyArray<Recorded>
  readonly startPolicy: Policy.Policy
  readonly tables: Tables
  /** All changes, in the order of their positions. */
  readonly changes: ReadonlyArray<Change>
  readonly stateHash: string
  readonly #membersOf: FoldedLog["membersOf"]
  /** What is looked up again and again, found once it is asked for. */
  #firstWarnings: ReadonlyMap<Position, Warning> | undefined
  #links: ReadonlyArray<Link> | undefined
  #cuts: ReadonlyArray<Cut> | undefined
  #retractions: ReadonlyArray<Position> | undefined
  /** The histories without what retractions undo, by the last one of these. */
  readonly #effective = new Map<Position, History>()
  readonly #byUuid: ReadonlyMap<string, Recorded>
  readonly #byPosition: ReadonlyMap<Position, Recorded>

  constructor(
    project: ProjectId,
    log: ReadonlyArray<Recorded>,
    startPolicy: Policy.Policy = Presets.page,
    folded: FoldedLog = WorkInTurns.atOnce(steps(project, log, startPolicy)),
  ) {
    this.project = project
    this.log = log
    this.startPolicy = startPolicy
    this.tables = folded.tables
    this.changes = folded.changes
    this.stateHash = folded.stateHash
    this.#byUuid = folded.byUuid
    this.#byPosition = folded.byPosition
    this.#membersOf = folded.membersOf
  }

  /**
   * The history without the events that retractions up to a position undo; without retractions,
   * this history itself. Chains and culprits are looked for in it.
   */
  effectiveAt(position: Position = this.head): History {
    return WorkInTurns.atOnce(this.effectiveInTurns(position))
  }

  /** The same, folded in turns. */
  *effectiveInTurns(position: Position): WorkInTurns.Turns<History> {
    this.#retractions ??= this.log.flatMap((each) =>
      each.event._tag === "Retracted" ? [each.position] : [],
    )
    const last = this.#retractions.findLast((each) => each <= position)
    if (last === undefined) return this
    const known = this.#effective.get(last)
    if (known !== undefined) return known
    // Up to the next retraction the same is undone: one fold answers for every position before it.
    const next = this.#retractions.find((each) => each > position) ?? Number.POSITIVE_INFINITY
    const log = EffectiveLog.effective(this.log.filter((each) => each.position < next))
    const folding = steps(this.project, log, this.startPolicy)
    for (;;) {
      const { done, value } = folding.next()
      if (done === true) {
        const effective = new History(this.project, log, this.startPolicy, value)
        this.#effective.set(last, effective)
        return effective
      }
      yield
    }
  }

  /** The retraction that undoes an event, as of a position. */
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

  /** The log's last position; 0 for an empty log. */
  get head(): Position {
    return this.log.at(-1)?.position ?? zero
  }

  /** The event with a uuid, in upper or lower case. */
  eventOf(uuid: string): Recorded | undefined {
    return this.#byUuid.get(uuid.toLowerCase())
  }

  eventAt(position: Position): Recorded | undefined {
    // In a whole log the event at position p has index p - 1; in the log of some cones it may
    // not.
    const here = this.log[position - 1]
    if (here?.position === position) return here
    return this.#byPosition.get(position)
  }

  /** The component of a distinct id at a position. */
  componentAt(id: DistinctId, position: number): ComponentId | undefined {
    return rowAt(this.tables.memberships.get(id), position)?.component
  }

  /** The distinct ids of a component at a position, sorted. */
  membersAt(component: ComponentId, position: number): ReadonlyArray<DistinctId> {
    const rows = this.#membersOf.get(component) ?? []
    return rows
      .filter((row) => holdsAt(row, position))
      .map(({ distinctId }) => distinctId)
      .toSorted()
  }

  /** The person of a distinct id at a position. */
  personAt(id: DistinctId, position: number = this.head): PersonView | undefined {
    const component = this.componentAt(id, position)
    return component === undefined ? undefined : this.#personOf(component, position)
  }

  /** The person of a distinct id at a position, without its ids, of which there may be very many. */
  versionAt(id: DistinctId, position: number): Person | undefined {
    const component = this.componentAt(id, position)
    return component === undefined ? undefined : this.#versionOf(component, position)
  }

  #personOf(component: ComponentId, position: number): PersonView | undefined {
    const person = this.#versionOf(component, position)
    return person && { ...person, distinctIds: this.membersAt(component, position) }
  }

  #versionOf(component: ComponentId, position: number): Person | undefined {
    const personId = rowAt(this.tables.components.get(component), position)?.personId ?? component
    return rowAt(this.tables.persons.get(personId), position)?.person
  }

  /** All persons at a position, sorted by their first distinct id. */
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

  /** The warnings raised up to a position and not revoked by then. */
  warningsAt(position: number = this.head): ReadonlyArray<RaisedWarning> {
    return this.tables.warnings.flatMap(({ warning, ...row }) =>
      holdsAt(row, position) ? [{ ...warning, raisedAt: row.from }] : [],
    )
  }

  /** The policy at a position. */
  policyAt(position: number): Policy.Policy {
    return this.tables.policies.findLast(({ from }) => from <= position)?.policy ?? this.startPolicy
  }

  /** Every version of a person, in order. */
  versionsOf(personId: PersonId) {
    return this.tables.persons.get(personId) ?? []
  }

  /** The components that a distinct id belonged to, with their intervals, in order. */
  membershipsOf(id: DistinctId): ReadonlyArray<MembershipRow> {
    return this.tables.memberships.get(id) ?? []
  }

  /** The distinct ids that ever belonged to a component, with their intervals. */
  membershipsIn(component: ComponentId): ReadonlyArray<MembershipRow> {
    return this.#membersOf.get(component) ?? []
  }

  /** The links decided up to a position, in order. */
  linksAt(position: number = this.head): ReadonlyArray<Link> {
    this.#links ??= this.tables.links.flatMap(
      ({ event: at, position: decided, target, source, outcome }) => {
        const event = this.eventAt(at)
        return event === undefined ? [] : [{ event, position: decided, target, source, outcome }]
      },
    )
    return this.#links.slice(0, countUpTo(this.#links, position))
  }

  /** Where splits and deletions took ids out of their persons, in order. */
  get cuts(): ReadonlyArray<Cut> {
    this.#cuts ??= this.changes.flatMap((change) => {
      const ids = cutBy(change)
      return ids === undefined ? [] : [{ position: change.position, ids }]
    })
    return this.#cuts
  }

  /** The first warning that an event raised. */
  warningOf({ position }: Recorded): Warning | undefined {
    this.#firstWarnings ??= firstWarningsIn(this.tables)
    return this.#firstWarnings.get(position)
  }
}

const cutBy = (change: Change): ReadonlyArray<DistinctId> | undefined => {
  if (change._tag === "PersonGone") return change.ids.map(({ distinctId }) => distinctId)
  if (change._tag === "IdsSplitOff") return change.parts.map(({ distinctId }) => distinctId)
  return undefined
}

const firstWarningsIn = ({ warnings }: Tables): ReadonlyMap<Position, Warning> =>
  new Map(warnings.toReversed().map(({ warning }) => [warning.position, warning]))

/** The position before this one; 0 stands before the first event. */
export const before = (position: Position): Position => Position(Math.max(0, position - 1))
