import type { Change, ComponentId } from "@onymous/identity/Change"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import type * as Retraction from "@onymous/identity/Retraction"
import { PageRows } from "./PageRows.ts"
import type { Checkpoint, Page } from "./Persons.ts"
import { checkpointAfter } from "./ProjectPage.ts"
import type { Rows } from "./Rows.ts"
import type { Slice } from "./Slice.ts"

/**
 * A whole project in memory, from position 1 on: its pages are folded without asking the tables, which
 * only have to be written, many pages at once.
 */
export class Whole {
  readonly identity: Identity.Identity
  readonly #stored = {
    components: new Map<ComponentId, Rows["components"][number]>(),
    inhabited: new Set<ComponentId>(),
    cones: new Map<DistinctId, DistinctId>(),
    generations: new Map<DistinctId, number>(),
  }

  #rows: PageRows
  /** Where what is written ends, and where the fold is. */
  #from: Checkpoint
  #to: Checkpoint

  constructor(begun: Checkpoint) {
    this.identity = Identity.empty(begun.project, begun.policy)
    this.#rows = new PageRows(this.#slice)
    this.#from = begun
    this.#to = begun
  }

  get #slice(): Slice {
    return { identity: this.identity, stored: this.#stored }
  }

  /** Folds the next events; a retraction comes alone, with its past. */
  fold(page: ReadonlyArray<Recorded>, past: Retraction.Past | undefined): ReadonlyArray<Change> {
    const changes = Identity.fold(this.identity, page, past)
    for (const change of changes) this.#rows.add(change)
    this.#to = checkpointAfter(this.#to, this.identity, page)
    return changes
  }

  /**
   * Folds the next events, and answers with what is to be written by now: lots of `together` events or
   * more. What needs whole persons is written alone.
   */
  foldTogether(
    page: ReadonlyArray<Recorded>,
    past: Retraction.Past | undefined,
    together: number,
  ): ReadonlyArray<Page> {
    const isAlone = page.some(({ event }) => Identity.needsWhole(event))
    const before = isAlone ? this.rest() : []
    this.fold(page, past)
    const isDue = isAlone || this.#to.position - this.#from.position >= together
    return isDue ? [...before, this.write()] : before
  }

  /** What is not yet written, if anything. */
  rest(): ReadonlyArray<Page> {
    return this.#to.position > this.#from.position ? [this.write()] : []
  }

  /** All that was folded and not yet written. */
  write(): Page {
    const page = { from: this.#from, to: this.#to, rows: this.#rows.finish() }
    this.#follow(page.rows)
    this.#rows = new PageRows(this.#slice)
    this.#from = this.#to
    return page
  }

  /** Keeps what a slice would have to load. */
  #follow(rows: Rows): void {
    const { components, inhabited, cones, generations } = this.#stored
    for (const row of rows.components) {
      if (row.to === null) components.set(row.component, row)
      else if (components.get(row.component)?.from === row.from) components.delete(row.component)
    }
    for (const { stored, component, to } of rows.moves) {
      inhabited.delete(stored)
      if (component !== null && to === null) inhabited.add(component)
    }
    for (const { component, to } of rows.memberships) if (to === null) inhabited.add(component)
    for (const { distinctId, cone } of rows.cones.members) cones.set(distinctId, cone)
    for (const cone of new Set(rows.cones.moves.map((move) => move.cone))) this.#relabel(cone)
    for (const { distinctId, generation } of rows.generations) {
      generations.set(distinctId, generation)
    }
  }

  #relabel(cone: DistinctId): void {
    for (const id of this.identity.cones.get(cone)?.members ?? []) this.#stored.cones.set(id, cone)
  }

  /** How many distinct ids it holds. */
  get size(): number {
    return this.identity.components.size
  }

  /** Where the fold is. */
  get to(): Checkpoint {
    return this.#to
  }
}
