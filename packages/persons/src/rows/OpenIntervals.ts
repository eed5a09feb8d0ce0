import type { Position } from "@onymous/identity/event/Position"
import { end, type Interval, type Open } from "./Interval.ts"

/** Rows that are true for a while, where a key has one that holds at most: of this page, or stored. */
export class OpenIntervals<Key, Row extends Interval> {
  readonly #open = new Map<Key, Open<Row>>()
  #ended: Array<Row> = []
  readonly #storedEnds = new Map<Key, Position>()

  /** The row of this page that holds. */
  get(key: Key): Open<Row> | undefined {
    return this.#open.get(key)
  }

  /** Begins a row: the one before has been closed. */
  open(key: Key, row: Open<Row>): Open<Row> {
    this.#open.set(key, row)
    return row
  }

  /** Ends the row that holds. Answers with it, where it is of this page; else the stored one ends. */
  close(key: Key, to: Position): Row | undefined {
    const row = this.#open.get(key)
    if (row === undefined) {
      // A stored row ends once, because the rows after it are this page's own.
      if (!this.#storedEnds.has(key)) this.#storedEnds.set(key, to)
      return undefined
    }
    this.#open.delete(key)
    end(this.#ended, row, to)
    return row
  }

  /** The rows of this page that hold. */
  get holding(): Iterable<Row> {
    return this.#open.values()
  }

  /** From where on stored rows hold no more. */
  get storedEnds(): ReadonlyMap<Key, Position> {
    return this.#storedEnds
  }

  /** The rows that have ended since they were last taken: whatever comes, they stay as they are. */
  takeEnded(): Array<Row> {
    const ended = this.#ended
    this.#ended = []
    return ended
  }

  /** All rows, and where stored ones end: from now on, those that hold are stored. */
  takeAll(): {
    readonly rows: ReadonlyArray<Row>
    readonly storedEnds: ReadonlyMap<Key, Position>
  } {
    const taken = {
      rows: [...this.takeEnded(), ...this.#open.values()],
      storedEnds: new Map(this.#storedEnds),
    }
    this.#open.clear()
    this.#storedEnds.clear()
    return taken
  }
}
