import type { Change } from "@onymous/identity/state/Change"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import type { Position } from "@onymous/identity/event/Position"
import type * as ConePast from "@onymous/identity/retraction/ConePast"
import { RowBuilder } from "./RowBuilder.ts"
import { type Checkpoint, checkpointAfter } from "../Checkpoint.ts"
import type { Page } from "./PageFold.ts"
import type { Stored } from "./LoadedSlice.ts"
import * as WorkInTurns from "./WorkInTurns.ts"

/** Bytes of memory that a distinct id takes with its rows; 600 were measured. */
const bytesPerId = 1024

/** The characters of the facts of events that wait. */
class WaitingLengths {
  readonly #lengths = new Map<Position, number>()
  sum = 0

  count(change: Change): void {
    if (change._tag === "Held") {
      const { length } = JSON.stringify(change.waiting.event.facts)
      this.#lengths.set(change.waiting.position, length)
      this.sum += length
    } else if (change._tag === "Released") this.#end(change.event)
    else if (change._tag === "Unheld") this.#end(change.waiting.position)
  }

  #end(position: Position): void {
    this.sum -= this.#lengths.get(position) ?? 0
    this.#lengths.delete(position)
  }
}

/**
 * A whole project in memory, from position 1 on. It never reads the tables, and hands on each row once, when the
 * row is final.
 */
export class ProjectInMemory {
  readonly identity: Identity.Identity
  readonly #rows: RowBuilder
  readonly #waiting = new WaitingLengths()
  /** The checkpoint of the last rows handed on, and that of the fold. */
  #from: Checkpoint
  #to: Checkpoint

  constructor(start: Checkpoint) {
    this.identity = Identity.empty(start.project, start.policy)
    this.#rows = new RowBuilder({ identity: this.identity, stored: nothingStored })
    this.#from = start
    this.#to = start
  }

  /** Folds the next events; a retraction comes alone, with its past. */
  fold(page: ReadonlyArray<Recorded>, past: ConePast.Past | undefined): ReadonlyArray<Change> {
    return WorkInTurns.atOnce(this.foldInTurns(page, past))
  }

  /** The same in turns: one event may release very many, or undo one that very many came after. */
  *foldInTurns(
    page: ReadonlyArray<Recorded>,
    past: ConePast.Past | undefined,
  ): WorkInTurns.Turns<ReadonlyArray<Change>> {
    const changes = yield* Identity.foldInTurns(this.identity, page, past)
    for (const change of changes) {
      this.#rows.add(change)
      this.#waiting.count(change)
    }
    this.#to = checkpointAfter(this.#to, this.identity, page)
    return changes
  }

  /** The rows that have ended since the last call. */
  takeEnded(): Page {
    return this.#handOn({ from: this.#from, to: this.#to, rows: this.#rows.takeEnded() })
  }

  /** All remaining rows: once they are written, the tables hold the whole project. */
  *finish(): WorkInTurns.Turns<Page> {
    const to: Checkpoint = { ...this.#to, stage: "loaded" }
    const rows = yield* this.#rows.finish()
    return this.#handOn({ from: this.#from, to, rows })
  }

  #handOn(page: Page): Page {
    this.#from = page.to
    return page
  }

  /** Events, and characters of properties in ended rows, since rows were last handed on. */
  get backlog(): { readonly events: number; readonly length: number } {
    const events = this.#to.position - this.#from.position
    return { events, length: this.#rows.endedLength }
  }

  /** The number of entries that grow with the log: distinct ids, cone links, refusals, waiting events and the like. */
  get size(): number {
    const { components, coneLinks, personless, generations, refusals } = this.identity
    return (
      components.size +
      coneLinks.size +
      personless.size +
      generations.size +
      refusals.size +
      this.#rows.waitingCount
    )
  }

  /** The memory in bytes that grows with the log, without garbage. */
  get bytes(): number {
    return this.size * bytesPerId + this.#rows.propertiesLength + this.#waiting.sum
  }

  /** The checkpoint of the fold. */
  get to(): Checkpoint {
    return this.#to
  }
}

const nothingStored: Stored = {
  components: new Map(),
  inhabited: new Set(),
  generations: new Map(),
}
