import * as Activity from "./Activity.ts"
import type { Open } from "./Interval.ts"
import type { Change } from "@onymous/identity/state/Change"
import * as Cones from "@onymous/identity/state/Cones"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import { PersonRowBuilder } from "./PersonRowBuilder.ts"
import { lasted } from "./Interval.ts"
import { OpenIntervals } from "./OpenIntervals.ts"
import type {
  ConeLinkRow,
  LinkRow,
  NewRows,
  PersonlessRow,
  ReleaseRow,
  Rows,
  WaitingRow,
  WarningRow,
} from "./RowChanges.ts"
import type { Slice } from "./LoadedSlice.ts"
import * as WorkInTurns from "./WorkInTurns.ts"

/** The rows of a page, out of its changes in order and the slice that was folded. */
export const fromChanges = function* (
  slice: Slice,
  changes: ReadonlyArray<Change>,
): WorkInTurns.Turns<Rows> {
  const page = new RowBuilder(slice)
  yield* WorkInTurns.each(changes, (change) => page.add(change))
  return yield* page.finish()
}

/** Empty lists for the `decided` tables, whose rows are written once, in order. */
const noDecisions = () => ({
  links: new Array<Rows["links"][number]>(),
  warnings: new Array<Open<Omit<WarningRow, "ordinal">>>(),
  /** Event → its warnings, so that a retraction can end them. */
  warningsOf: new Map<Position, Array<Open<Omit<WarningRow, "ordinal">>>>(),
  /** Event → the position at which a retraction ended its stored warnings. */
  revokedWarnings: new Map<Position, Position>(),
  dropped_events: new Array<NewRows["dropped_events"][number]>(),
  generations: new Array<Rows["generations"][number]>(),
  policies: new Array<Rows["policies"][number]>(),
  state_hashes: new Array<Rows["state_hashes"][number]>(),
})

/** The lists that the builder hands on in `finish` only, because their rows may change until then. */
const emptyUntilFinish = {
  closedPersons: [],
  moves: [],
  closedMemberships: [],
  cone_links: [],
  waiting_events: [],
  released: [],
  refusals: [],
  activity: [],
}

/** Builds the rows of one page; `PersonRowBuilder` does those of persons, memberships and components. */
export class RowBuilder {
  readonly #slice: Slice
  readonly #personRows: PersonRowBuilder
  #decided = noDecisions()
  readonly #personless = new OpenIntervals<DistinctId, PersonlessRow>()
  readonly #waiting = new Map<Position, Open<WaitingRow>>()
  readonly #released: Array<ReleaseRow> = []
  readonly #refusals = new Map<DistinctId, number>()
  readonly #activity = new Activity.Tally()
  /** Id → the generation that this page has set. */
  readonly #generations = new Map<DistinctId, number>()

  constructor(slice: Slice) {
    this.#slice = slice
    this.#personRows = new PersonRowBuilder(slice)
  }

  add(change: Change): void {
    this.#activity.count(change)
    switch (change._tag) {
      case "PersonBorn":
      case "IdJoined":
      case "PersonChanged":
      case "ComponentsJoined":
        return this.#personRows.add(change)
      case "IdsSplitOff":
      case "PersonGone":
        this.#raiseGenerations(change)
        return this.#personRows.add(change)
      case "Linked":
        this.#decided.links.push(linkOf(change))
        return
      case "Warned":
        return this.#warn(change)
      case "WarningsRevoked":
        return this.#revoke(change)
      case "Dropped":
        this.#decided.dropped_events.push({ event: change.event, from: change.position })
        return
      case "Held":
      case "Released":
      case "Unheld":
        return this.#wait(change)
      case "ComponentsReplaced":
        return this.#personRows.add(change)
      case "PersonlessForgotten":
        this.#personless.close(change.distinctId, change.position)
        return
      case "GenerationSet":
        return this.#addGeneration(change.distinctId, change.position)
      case "SeenPersonless": {
        const { distinctId, position: from } = change
        this.#personless.open(distinctId, { distinctId, from, to: null })
        return
      }
      case "RefusalCounted":
        this.#refusals.set(change.distinctId, change.count)
        return
      case "PolicySet":
        this.#decided.policies.push({ from: change.position, policy: change.policy })
        return
      case "Hashed":
        this.#decided.state_hashes.push({ position: change.position, stateHash: change.stateHash })
        return
      case "ConesLinked":
        // `finish` takes them from the slice, which holds no stored ones.
        return
      default:
        return change satisfies never
    }
  }

  /** Count of waiting events that the builder holds. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Characters of properties in all person rows. */
  get propertiesLength(): number {
    const { open, ended } = this.#personRows.lengths
    return open + ended
  }

  /** Characters of properties in person rows that have ended. */
  get endedLength(): number {
    return this.#personRows.lengths.ended
  }

  /** The rows that are final; those that still hold stay until later. */
  takeEnded(): Rows {
    return { ...emptyUntilFinish, ...this.#personRows.takeEnded(), ...this.#takeDecided() }
  }

  /** Hands on every remaining row, in turns, because a whole log leaves many. */
  *finish(): WorkInTurns.Turns<Rows> {
    return {
      ...(yield* this.#personRows.finish()),
      ...this.#takeDecided(),
      cone_links: yield* coneLinksOf(this.#slice),
      waiting_events: [...this.#waiting.values()],
      released: this.#released,
      refusals: [...this.#refusals].map(([distinctId, count]) => ({ distinctId, count })),
      activity: this.#activity.rows,
    }
  }

  #takeDecided() {
    const decided = this.#decided
    this.#decided = noDecisions()
    const { warnings, warningsOf: _, revokedWarnings, ...rest } = decided
    const personless = this.#personless.takeAll()
    return {
      ...rest,
      warnings: numbered(warnings.filter(lasted)),
      personless_ids: personless.rows,
      revokedWarnings: Array.from(revokedWarnings, ([event, to]) => ({ event, to })),
      closedPersonless: Array.from(personless.storedEnds, ([distinctId, to]) => ({
        distinctId,
        to,
      })),
    }
  }

  #warn({ warning, position: from }: Extract<Change, { _tag: "Warned" }>): void {
    const row = { warning, from, to: null }
    const { warnings, warningsOf } = this.#decided
    warnings.push(row)
    const ofEvent = warningsOf.get(warning.position)
    if (ofEvent === undefined) warningsOf.set(warning.position, [row])
    else ofEvent.push(row)
  }

  #revoke({ event, position: to }: Extract<Change, { _tag: "WarningsRevoked" }>): void {
    const { warningsOf, revokedWarnings } = this.#decided
    for (const row of warningsOf.get(event) ?? []) row.to = to
    // Ended warnings leave the index, so that those the same retraction raises again are new ones.
    warningsOf.delete(event)
    endStored(revokedWarnings, event, to)
  }

  #wait(change: Extract<Change, { _tag: "Held" | "Released" | "Unheld" }>): void {
    if (change._tag === "Held") {
      const { position, dueAt, event } = change.waiting
      const { distinctId } = event
      this.#waiting.set(position, { position, distinctId, dueAt, released: null })
      return
    }
    const { position: at, personId = null } = change
    const isUnheld = change._tag === "Unheld"
    const event = isUnheld ? change.waiting.position : change.event
    const row: ReleaseRow = { event, at, by: isUnheld ? "retraction" : change.by, personId }
    const waitingRow = this.#waiting.get(event)
    if (waitingRow === undefined) this.#released.push(row)
    else waitingRow.released = row
  }

  #raiseGenerations(change: Extract<Change, { _tag: "IdsSplitOff" | "PersonGone" }>): void {
    const isGone = change._tag === "PersonGone"
    const { stored } = this.#slice
    const generationOf = (id: DistinctId) =>
      this.#generations.get(id) ?? stored.generations.get(id) ?? 0
    const raised = isGone
      ? change.ids
      : change.parts.filter(({ distinctId, generation }) => generation > generationOf(distinctId))
    for (const { distinctId } of raised) {
      this.#addGeneration(distinctId, change.position)
      if (isGone) this.#personless.close(distinctId, change.position)
    }
  }

  /** The slice already holds the id's generation after the page, because an event that changes one is a page of its own. */
  #addGeneration(distinctId: DistinctId, from: Position): void {
    const { generations, goneAt } = this.#slice.identity
    const generation = generations.get(distinctId) ?? 0
    this.#generations.set(distinctId, generation)
    this.#decided.generations.push({
      distinctId,
      generation,
      from,
      goneAt: goneAt.get(distinctId) ?? null,
    })
  }
}

/** Notes the end of a stored row, once, because the page itself has all rows after it. */
const endStored = <Key>(ends: Map<Key, Position>, key: Key, to: Position): void => {
  if (!ends.has(key)) ends.set(key, to)
}

const linkOf = ({
  position,
  event,
  target,
  source,
  outcome,
  ...union
}: Extract<Change, { _tag: "Linked" }>): LinkRow => {
  const { loser = null, winner = null, lost = 0 } = union
  const { areIdentified = false, isOperators = false } = union
  const merge = { loser, winner, lost, areIdentified, isOperators }
  return { event, position, target, source, outcome, ...merge }
}

/** Numbers the warnings that an event raised at one position, in the order of its checks. */
const numbered = (rows: ReadonlyArray<Omit<WarningRow, "ordinal">>): ReadonlyArray<WarningRow> => {
  let ordinal = 0
  return rows.map((row, index) => {
    const before = rows[index - 1]
    const isNext = before?.warning.position === row.warning.position && before.from === row.from
    ordinal = isNext ? ordinal + 1 : 0
    return { ...row, ordinal }
  })
}

const coneLinksOf = function* ({ identity }: Slice): WorkInTurns.Turns<ReadonlyArray<ConeLinkRow>> {
  const rows: Array<ConeLinkRow> = []
  yield* WorkInTurns.each(Cones.pairs(identity.coneLinks), (pair) => void rows.push(pair))
  return rows
}
