import type { ComponentId } from "@onymous/identity/state/Component"
import type { Position } from "@onymous/identity/event/Position"
import { lasted, type Open } from "./Interval.ts"
import type { MoveRow } from "./RowChanges.ts"

/**
 * The moves of stored components' ids during a page. A component moves as a whole, because its ids are too many to
 * load: the tables know them.
 */
export class MemberMoves {
  readonly #isInhabited: (component: ComponentId) => boolean
  readonly #moves: Array<Open<MoveRow>> = []
  /** The latest move of each stored component. */
  readonly #last = new Map<ComponentId, Open<MoveRow>>()
  /** Component → the stored components that have moved into it during this page. */
  readonly #inhabitants = new Map<ComponentId, Array<ComponentId>>()

  /** `isInhabited` is true for a component that has stored ids when the page begins. */
  constructor(isInhabited: (component: ComponentId) => boolean) {
    this.#isInhabited = isInhabited
  }

  /** Moves all stored ids of a component into another component, or into none. */
  move(from: ComponentId, to: ComponentId | null, position: Position): void {
    const inhabitants = to === null ? [] : this.#inhabitantsOf(to)
    for (const stored of this.#inhabitantsOf(from)) {
      const last = this.#last.get(stored)
      if (last !== undefined) last.to = position
      const move: Open<MoveRow> = { stored, component: to, from: position, to: null }
      this.#moves.push(move)
      this.#last.set(stored, move)
      inhabitants.push(stored)
    }
    this.#inhabitants.set(from, [])
    if (to !== null) this.#inhabitants.set(to, inhabitants)
  }

  #inhabitantsOf(component: ComponentId): Array<ComponentId> {
    const changed = this.#inhabitants.get(component)
    return changed ?? (this.#isInhabited(component) ? [component] : [])
  }

  /**
   * The moves that held at some position. A move to no component is always kept, because it ends the stored
   * memberships.
   */
  get rows(): ReadonlyArray<MoveRow> {
    return this.#moves.filter((move) => move.component === null || lasted(move))
  }
}
