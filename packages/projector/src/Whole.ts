import type { ComponentId } from "@onymous/identity/Change"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import type * as Retraction from "@onymous/identity/Retraction"
import type { Position } from "@onymous/identity/Position"
import type { Checkpoint } from "./Persons.ts"
import { fold } from "./ProjectPage.ts"
import type { Rows } from "./Rows.ts"

/**
 * A whole project in memory, from position 1 on: its pages are folded without asking the tables, which
 * only have to be written.
 */
export class Whole {
  readonly identity: Identity.Identity
  readonly #stored = {
    components: new Map<ComponentId, Rows["components"][number]>(),
    inhabited: new Set<ComponentId>(),
    cones: new Map<DistinctId, DistinctId>(),
    generations: new Map<DistinctId, number>(),
  }

  constructor({ project, policy }: Checkpoint) {
    this.identity = Identity.empty(project, policy)
  }

  /** Folds the next events; a retraction comes alone, with its past. */
  fold(
    from: Checkpoint,
    page: ReadonlyArray<Recorded>,
    past: Retraction.Past | undefined,
  ): ReturnType<typeof fold> {
    const folded = fold(from, { identity: this.identity, stored: this.#stored }, page, past)
    this.#follow(folded.rows)
    return folded
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

  /** Where it is. */
  get position(): Position {
    return this.identity.position
  }
}
