import type { Change } from "@onymous/identity/Change"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Position } from "@onymous/identity/Position"
import { ComponentRows } from "./ComponentRows.ts"
import type { ConeRows, PersonlessRow, ReleaseRow, Rows, WaitingRow, WarningRow } from "./Rows.ts"
import type { Slice } from "./Slice.ts"

type Open<A> = { -readonly [K in keyof A]: A[K] }

type List<K extends keyof Rows> = Array<Rows[K] extends ReadonlyArray<infer A> ? A : never>

/** The rows of a page: its changes, in order, against the slice that was folded. */
export const fromChanges = (slice: Slice, changes: ReadonlyArray<Change>): Rows => {
  const page = new PageRows(slice)
  for (const change of changes) page.add(change)
  return page.finish()
}

/** The rows of one page in the making: what is true for a while is in `ComponentRows`. */
export class PageRows {
  readonly #slice: Slice
  readonly #components: ComponentRows
  readonly #links: List<"links"> = []
  readonly #warnings: Array<Open<WarningRow>> = []
  readonly #revokedWarnings: List<"revokedWarnings"> = []
  readonly #dropped: List<"dropped"> = []
  readonly #waiting = new Map<Position, Open<WaitingRow>>()
  readonly #released: Array<ReleaseRow> = []
  readonly #personless: Array<Open<PersonlessRow>> = []
  readonly #closedPersonless: List<"closedPersonless"> = []
  readonly #generations: List<"generations"> = []
  readonly #refusals = new Map<DistinctId, number>()
  readonly #policies: List<"policies"> = []
  readonly #hashes: List<"hashes"> = []
  /** Ids of cones that became one. */
  readonly #joined = new Set<DistinctId>()

  constructor(slice: Slice) {
    this.#slice = slice
    this.#components = new ComponentRows(slice)
  }

  add(change: Change): void {
    switch (change._tag) {
      case "PersonBorn":
      case "IdJoined":
      case "PersonChanged":
      case "ComponentsJoined":
        return this.#components.add(change)
      case "IdsSplitOff":
      case "PersonGone":
        this.#raise(change)
        return this.#components.add(change)
      case "Linked": {
        const { position, event, target, source, outcome, loser = null, winner = null } = change
        this.#links.push({ event, position, target, source, outcome, loser, winner })
        return
      }
      case "Warned":
        this.#warnings.push({ warning: change.warning, from: change.position, to: null })
        return
      case "WarningsRevoked":
        return this.#revoke(change)
      case "Dropped":
        this.#dropped.push({ event: change.event, from: change.position })
        return
      case "Held":
      case "Released":
      case "Unheld":
        return this.#wait(change)
      case "ComponentsReplaced":
        return this.#components.add(change)
      case "PersonlessForgotten":
        return this.#closePersonless(change.distinctId, change.position)
      case "GenerationSet":
        return this.#addGeneration(change.distinctId, change.position)
      case "SeenPersonless":
        this.#personless.push({ distinctId: change.distinctId, from: change.position, to: null })
        return
      case "RefusalCounted":
        this.#refusals.set(change.distinctId, change.count)
        return
      case "PolicySet":
        this.#policies.push({ from: change.position, policy: change.policy })
        return
      case "Hashed":
        this.#hashes.push({ position: change.position, stateHash: change.stateHash })
        return
      case "ConesJoined":
        // The slice knows how the cones are after the page.
        this.#joined.add(change.target).add(change.source)
        return
    }
  }

  finish(): Rows {
    return {
      ...this.#components.finish(),
      cones: coneRows(this.#slice, this.#joined),
      links: this.#links,
      warnings: this.#warnings.filter(({ from, to }) => from !== to),
      revokedWarnings: this.#revokedWarnings,
      dropped: this.#dropped,
      waiting: [...this.#waiting.values()],
      released: this.#released,
      personless: this.#personless.filter(({ from, to }) => from !== to),
      closedPersonless: this.#closedPersonless,
      generations: this.#generations,
      refusals: [...this.#refusals].map(([distinctId, count]) => ({ distinctId, count })),
      policies: this.#policies,
      hashes: this.#hashes,
    }
  }

  #revoke({ event, position: to }: Extract<Change, { _tag: "WarningsRevoked" }>): void {
    for (const row of this.#warnings) {
      if (row.warning.position === event && row.to === null) row.to = to
    }
    this.#revokedWarnings.push({ event, to })
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
    const held = this.#waiting.get(event)
    if (held === undefined) this.#released.push(row)
    else held.released = row
  }

  #raise(change: Extract<Change, { _tag: "IdsSplitOff" | "PersonGone" }>): void {
    const isGone = change._tag === "PersonGone"
    const raised = isGone
      ? change.ids
      : change.parts.filter(
          ({ distinctId, generation }) =>
            generation > (this.#slice.stored.generations.get(distinctId) ?? 0),
        )
    for (const { distinctId } of raised) {
      this.#addGeneration(distinctId, change.position)
      if (isGone) this.#closePersonless(distinctId, change.position)
    }
  }

  /** What raises or lowers it is alone in its page: the slice knows how it ends. */
  #addGeneration(distinctId: DistinctId, from: Position): void {
    const { generations, goneAt } = this.#slice.identity
    const generation = generations.get(distinctId) ?? 0
    this.#generations.push({ distinctId, generation, from, goneAt: goneAt.get(distinctId) ?? null })
  }

  #closePersonless(distinctId: DistinctId, to: Position): void {
    const open = this.#personless.findLast(
      (row) => row.distinctId === distinctId && row.to === null,
    )
    if (open === undefined) this.#closedPersonless.push({ distinctId, to })
    else open.to = to
  }
}

const coneRows = ({ identity, stored }: Slice, joined: ReadonlySet<DistinctId>): ConeRows => {
  const members: Array<ConeRows["members"][number]> = []
  const moves = new Map<DistinctId, DistinctId>()
  const sizes = new Map<DistinctId, number>()
  for (const distinctId of joined) {
    const cone = identity.cones.get(distinctId)
    const before = stored.cones.get(distinctId)
    if (cone === undefined || before === cone.id) continue
    if (before === undefined) members.push({ distinctId, cone: cone.id })
    else moves.set(before, cone.id)
    sizes.set(cone.id, cone.size)
  }
  return {
    members,
    moves: [...moves].map(([from, cone]) => ({ stored: from, cone })),
    sizes: [...sizes].map(([cone, size]) => ({ cone, size })),
  }
}
