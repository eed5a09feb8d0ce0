import type { Position } from "@onymous/identity/event/Position"
import { end, type Interval, type Open } from "./Interval.ts"

/** Rows that hold for a while. At most one row of a key holds at a time: one of this page, or a stored one. */
export class OpenIntervals<Key, Row extends Interval> {
  readonly #open = new Map<Key, Open<Row>>()
  #ended: Array<Row> = []
  readonly #storedEnds = new Map<Key, Position>()

  /** The row of this page that holds for a key. */
  get(key: Key): Open<Row> | undefined {
    return this.#open.get(key)
  }

  /** Begins a row; the key's earlier row has been closed. */
  open(key: Key, row: Open<Row>): Open<Row> {
    this.#open.set(key, row)
    return row
  }

  /** Ends the row that holds for a key. Returns it where it is of this page, and else notes the end of the stored one. */
  close(key: Key, to: Position): Row | undefined {
    const row = this.#open.get(key)
    if (row === undefined) {
      // A stored row ends once, because the page itself has all rows after it.
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

  /** Key → the position at which its stored row ends. */
  get storedEnds(): ReadonlyMap<Key, Position> {
    return this.#storedEnds
  }

  /** The rows that have ended since the last call; they are final. */
  takeEnded(): Array<Row> {
    const ended = this.#ended
    this.#ended = []
    return ended
  }

  /** All rows, and the ends of stored ones. From now on, the rows that still hold count as stored. */
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
