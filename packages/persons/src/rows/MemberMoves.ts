import type { ComponentId } from "@onymous/identity/state/Component"
import type { Position } from "@onymous/identity/event/Position"
import { lasted, type Open } from "./Interval.ts"
import type { MoveRow } from "./RowChanges.ts"

/**
 * Where the ids of stored components go during a page. They are many, and not loaded: a component moves as a
 * whole, and the tables know who is in it.
 */
export class MemberMoves {
  readonly #isInhabited: (component: ComponentId) => boolean
  readonly #moves: Array<Open<MoveRow>> = []
  /** The latest move of each stored component. */
  readonly #last = new Map<ComponentId, Open<MoveRow>>()
  /** By component: the stored components whose ids are in it by now, where that has changed. */
  readonly #inhabitants = new Map<ComponentId, Array<ComponentId>>()

  /** `isInhabited` says of which components ids are stored when the page begins. */
  constructor(isInhabited: (component: ComponentId) => boolean) {
    this.#isInhabited = isInhabited
  }

  /** All stored ids of a component go over to another, or to none. */
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
   * A move that was ended at its own position was never true, and is left out; one to no component stays, because
   * the stored rows end there.
   */
  get rows(): ReadonlyArray<MoveRow> {
    return this.#moves.filter((move) => move.component === null || lasted(move))
  }
}
