import { Effect } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import type { Change, LinkOutcome } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position, zero } from "@onymous/identity/event/Position"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { LogById } from "@onymous/identity/retraction/LogById"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Warning } from "@onymous/identity/state/Warning"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import type { PersonView, RaisedWarning } from "@onymous/persons/Persons"
import type { MembershipRow } from "@onymous/persons/rows/RowChanges"
import { Tables } from "@onymous/persons/memory/MemoryTables"
import { holdsAt, rowAt } from "@onymous/persons/rows/Interval"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
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

/** Events in one fold. */
const pageSize = 1000

/** The result of folding a log: the rows, the changes and the state hash, and where to find them. */
interface FoldedLog {
  readonly tables: Tables
  readonly changes: ReadonlyArray<Change>
  readonly stateHash: string
  readonly membersOf: ReadonlyMap<ComponentId, ReadonlyArray<MembershipRow>>
  readonly byUuid: ReadonlyMap<string, Recorded>
  /** The events of a log with gaps. */
  readonly byPosition: ReadonlyMap<Position, Recorded>
}

/** The memberships of each component. */
const membersIn = function* ({ memberships }: Tables): WorkInTurns.Turns<FoldedLog["membersOf"]> {
  const membersOf = new Map<ComponentId, Array<MembershipRow>>()
  yield* WorkInTurns.each(memberships.values(), (rows) => {
    for (const row of rows) {
      const members = membersOf.get(row.component)
      if (members === undefined) membersOf.set(row.component, [row])
      else members.push(row)
    }
  })
  return membersOf
}

/** Finds the events of a log. */
const eventsIn = function* (
  log: ReadonlyArray<Recorded>,
): WorkInTurns.Turns<Pick<FoldedLog, "byUuid" | "byPosition">> {
  const byUuid = new Map<string, Recorded>()
  const byPosition = new Map<Position, Recorded>()
  const isWhole = (log.at(-1)?.position ?? 0) === log.length
  yield* WorkInTurns.each(log, (recorded) => {
    byUuid.set(recorded.event.uuid, recorded)
    if (!isWhole) byPosition.set(recorded.position, recorded)
  })
  return { byUuid, byPosition }
}

/** Folds a log page by page, in turns, and yields the number of events folded so far after each page. */
function* steps(
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy.Policy,
): Generator<number | undefined, FoldedLog> {
  const start: Checkpoint = { ...initial(project, "memory"), policy: startPolicy }
  const whole = new ProjectInMemory(start)
  const byId = new LogById(log)
  const tables = new Tables()
  const changes: Array<Change> = []
  for (let done = 0; done < log.length;) {
    const page = Identity.pageOf(log.slice(done, done + pageSize))
    const [first] = page
    const past = first && ConePast.pastOf(whole.identity, startPolicy, byId, first)
    for (const change of yield* whole.foldInTurns(page, past)) changes.push(change)
    tables.write(whole.takeEnded().rows)
    done += page.length
    yield done
  }
  const { rows } = yield* whole.finish()
  tables.write(rows)
  yield
  return {
    tables,
    changes,
    stateHash: whole.to.stateHash,
    membersOf: yield* membersIn(tables),
    ...(yield* eventsIn(log)),
  }
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
  /** The first warning that each event raised, once one is asked for. */
  #firstWarnings: ReadonlyMap<Position, Warning> | undefined
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
    const past = this.log.filter((recorded) => recorded.position <= position)
    const log = EffectiveLog.effective(past)
    if (log === past) return this
    const folding = steps(this.project, log, this.startPolicy)
    for (;;) {
      const { done, value } = folding.next()
      if (done === true) return new History(this.project, log, this.startPolicy, value)
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
    return this.tables.links.flatMap(
      ({ event: at, position: decided, target, source, outcome }) => {
        const event = this.eventAt(at)
        if (event === undefined || decided > position) return []
        return [{ event, position: decided, target, source, outcome }]
      },
    )
  }

  /** The first warning that an event raised. */
  warningOf({ position }: Recorded): Warning | undefined {
    this.#firstWarnings ??= firstWarningsIn(this.tables)
    return this.#firstWarnings.get(position)
  }
}

const firstWarningsIn = ({ warnings }: Tables): ReadonlyMap<Position, Warning> =>
  new Map(warnings.toReversed().map(({ warning }) => [warning.position, warning]))

/** The position before this one; 0 stands before the first event. */
export const before = (position: Position): Position => Position(Math.max(0, position - 1))
