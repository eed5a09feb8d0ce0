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

/** What a distinct id takes with its rows, in bytes: 600 were measured. */
const bytesPerId = 1024

/** How long the facts of those events are that wait now. */
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
 * A whole project in memory, from position 1 on: its tables are never asked, and a row is written once,
 * when it changes no more.
 */
export class ProjectInMemory {
  readonly identity: Identity.Identity
  readonly #rows: RowBuilder
  readonly #waiting = new WaitingLengths()
  /** Where what was taken ends, and where the fold is. */
  #from: Checkpoint
  #to: Checkpoint

  constructor(begun: Checkpoint) {
    this.identity = Identity.empty(begun.project, begun.policy)
    this.#rows = new RowBuilder({ identity: this.identity, stored: nothingStored })
    this.#from = begun
    this.#to = begun
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

  /** The rows that have ended since the last ones were taken. */
  takeEnded(): Page {
    return this.#taken({ from: this.#from, to: this.#to, rows: this.#rows.takeEnded() })
  }

  /** The rows that are left: from now on the tables say all that this does. */
  *finish(): WorkInTurns.Turns<Page> {
    const to: Checkpoint = { ...this.#to, stage: "loaded" }
    const rows = yield* this.#rows.finish()
    return this.#taken({ from: this.#from, to, rows })
  }

  #taken(page: Page): Page {
    this.#from = page.to
    return page
  }

  /** Events, and characters of properties, since the ended rows were last taken. */
  get untaken(): { readonly events: number; readonly length: number } {
    const events = this.#to.position - this.#from.position
    return { events, length: this.#rows.endedLength }
  }

  /** How many distinct ids it holds, of persons or not, and of what else grows with the log. */
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

  /** How much room it takes, in bytes, as far as that grows with the log: garbage comes on top. */
  get bytes(): number {
    return this.size * bytesPerId + this.#rows.propertiesLength + this.#waiting.sum
  }

  /** Where the fold is. */
  get to(): Checkpoint {
    return this.#to
  }
}

const nothingStored: Stored = {
  components: new Map(),
  inhabited: new Set(),
  generations: new Map(),
}
