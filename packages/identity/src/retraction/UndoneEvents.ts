import type { Event, Recorded, Retracted } from "../event/Event.ts"
import { namedBy } from "../event/NamedIds.ts"
import type { Position } from "../event/Position.ts"

/** An event that a retraction undoes, or has again. */
export interface Turn {
  readonly event: Recorded
  /** The position of the retraction: it is so from there on. */
  readonly at: Position
  readonly isUndone: boolean
}

/**
 * True for an event that a retraction can undo: rules are changed back, and time passes. It names the ids that
 * the event names, because it reads the past of these, and could not undo what lies elsewhere.
 */
export const canUndo = (retraction: Retracted, event: Event): boolean => {
  if (event._tag === "PolicyChanged" || event._tag === "Ticked") return false
  const [target, source] = namedBy(event)
  // No retraction can name the empty id, which an event may give as its source.
  return target === retraction.distinctId && (source || undefined) === retraction.source
}

/** An event, and what retractions make of it. */
interface Entry {
  readonly recorded: Recorded
  /** The event that it can undo; only a retraction has one. */
  readonly named: Entry | undefined
  /** How many retractions undo it now. */
  count: number
  /** The retractions that turned it, in order. */
  readonly turns: Array<Turn>
}

/**
 * The events of a log that its retractions undo, as the log grows. An undone retraction undoes nothing:
 * a retraction that undoes another one has its event again, and so on down to an event that is none.
 */
export class UndoneEvents {
  /** The uuids that retractions name, undone or not. */
  readonly named = new Set<string>()
  readonly #entries = new Map<string, Entry>()
  /** What each retraction turned, by its position; nothing where it is in vain. */
  readonly #turns = new Map<Position, Turn>()

  /** Adds the next event of the log. */
  add(recorded: Recorded): void {
    const { event } = recorded
    const named = event._tag === "Retracted" ? this.#namedBy(event) : undefined
    const entry: Entry = { recorded, named, count: 0, turns: [] }
    this.#entries.set(event.uuid, entry)
    if (event._tag !== "Retracted") return
    this.named.add(event.eventUuid)
    const turned = turnedBy(entry)
    if (turned === undefined) return
    const { recorded: it, count, turns } = turned
    const turn = { event: it, at: recorded.position, isUndone: count > 0 }
    this.#turns.set(recorded.position, turn)
    turns.push(turn)
  }

  /** What the retraction at a position turned; undefined where it was in vain. */
  turnAt(position: Position): Turn | undefined {
    return this.#turns.get(position)
  }

  /** True for an event, not a retraction, that was undone right before a position. */
  wasUndone(uuid: string, position: Position): boolean {
    const turns = this.#entries.get(uuid)?.turns ?? []
    let [low, high] = [0, turns.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((turns[middle]?.at ?? 0) < position) low = middle + 1
      else high = middle
    }
    return turns[low - 1]?.isUndone ?? false
  }

  /** The event that a retraction can undo: of those before it. */
  #namedBy(retraction: Retracted): Entry | undefined {
    const named = this.#entries.get(retraction.eventUuid)
    return named && canUndo(retraction, named.recorded.event) ? named : undefined
  }
}

/**
 * Counts a new retraction at what it names; where that is a retraction, which now undoes nothing, at what
 * that one names, and so on. Returns the event at the end, if that is turned.
 */
const turnedBy = (retraction: Entry): Entry | undefined => {
  let step = 1
  for (let { named } = retraction; named !== undefined; { named } = named) {
    const before = named.count
    named.count += step
    // Another retraction undoes it as well: all stays as it is.
    if (before > 0 && named.count > 0) return undefined
    if (named.recorded.event._tag !== "Retracted") return named
    step = -step
  }
  return undefined
}
