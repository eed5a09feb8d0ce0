import type { DistinctId } from "../event/DistinctId.ts"
import type { Event, Recorded } from "../event/Event.ts"
import { namedBy } from "../event/NamedIds.ts"
import type { Position } from "../event/Position.ts"
import { UndoneEvents } from "./UndoneEvents.ts"

/** Places in a log, in order, by distinct id. */
class Places {
  readonly #byId = new Map<DistinctId, Array<number>>()

  add(event: Event, place: number): void {
    for (const id of namedBy(event)) {
      const places = this.#byId.get(id)
      if (places === undefined) this.#byId.set(id, [place])
      else places.push(place)
    }
  }

  of(id: DistinctId): ReadonlyArray<number> {
    return this.#byId.get(id) ?? []
  }
}

/**
 * A log in memory, which may grow, by the distinct ids that its events name: what was said of some ids
 * is read without a look at the rest, and without a look at its retractions where they are not asked for.
 */
export class LogById {
  readonly #log: ReadonlyArray<Recorded>
  readonly #said = new Places()
  readonly #retractions = new Places()
  readonly #policyChanges: Array<number> = []
  readonly #undone = new UndoneEvents()
  #indexed = 0

  constructor(log: ReadonlyArray<Recorded>) {
    this.#log = log
  }

  /** The events that are undone, of the whole log. */
  get undone(): UndoneEvents {
    this.#index()
    return this.#undone
  }

  /** The events but retractions that name one of some ids, and every change of policy, up to and with a position. */
  saidOf(ids: ReadonlySet<DistinctId>, until: Position): ReadonlyArray<Recorded> {
    this.#index()
    return this.#at(ids, until, [this.#said])
  }

  /** The same with the retractions. */
  about(ids: ReadonlySet<DistinctId>, until: Position): ReadonlyArray<Recorded> {
    this.#index()
    return this.#at(ids, until, [this.#said, this.#retractions])
  }

  /** The first event that was recorded at or after a time: times never go back. */
  firstAt(time: number): Recorded | undefined {
    let [low, high] = [0, this.#log.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#log[middle]?.recordedAt ?? 0) < time) low = middle + 1
      else high = middle
    }
    return this.#log[low]
  }

  #at(
    ids: ReadonlySet<DistinctId>,
    until: Position,
    kinds: ReadonlyArray<Places>,
  ): ReadonlyArray<Recorded> {
    const places = new Set(this.#policyChanges)
    for (const kind of kinds) {
      for (const id of ids) for (const place of kind.of(id)) places.add(place)
    }
    return Array.from(places)
      .sort((a, b) => a - b)
      .flatMap((place) => this.#log[place] ?? [])
      .filter(({ position }) => position <= until)
  }

  /** Notes what was added to the log since it was last asked: a log without questions costs nothing. */
  #index(): void {
    for (; this.#indexed < this.#log.length; this.#indexed++) {
      const recorded = this.#log[this.#indexed]
      if (recorded === undefined) continue
      const { event } = recorded
      if (event._tag === "PolicyChanged") this.#policyChanges.push(this.#indexed)
      const places = event._tag === "Retracted" ? this.#retractions : this.#said
      places.add(event, this.#indexed)
      this.#undone.add(recorded)
    }
  }
}
