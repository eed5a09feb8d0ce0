import type { DistinctId } from "../event/DistinctId.ts"
import type { Captured, Recorded } from "../event/Event.ts"
import type { Policy } from "../policy/Policy.ts"
import * as ChangedPolicy from "../policy/ChangedPolicy.ts"
import * as Buffer from "../rules/Buffer.ts"

/** A time from which an id has a person, under the policy with that number. */
interface Since {
  readonly time: number
  readonly policy: number
}

/** Ids that have a person whatever is retracted: only a deletion takes it away. */
class KnownIds {
  readonly #since = new Map<DistinctId, Since>()
  /** When each policy ceased to hold. */
  readonly #ends: Array<number> = []

  /** True for an id that has a person at a time. */
  has(id: DistinctId, time: number): boolean {
    const since = this.#since.get(id)
    return since !== undefined && this.#isSure(since) && since.time <= time
  }

  /** An event gives its id a person, once it is released. */
  add(id: DistinctId, time: number): void {
    const known = this.#since.get(id)
    if (known !== undefined && this.#isSure(known) && known.time <= time) return
    this.#since.set(id, { time, policy: this.#ends.length })
  }

  /** An event that is released under another policy may be one without a person. */
  policyEnds(time: number): void {
    this.#ends.push(time)
  }

  clear(): void {
    this.#since.clear()
  }

  #isSure({ time, policy }: Since): boolean {
    return time <= (this.#ends[policy] ?? Number.POSITIVE_INFINITY)
  }
}

const uuidsRetracted = (log: ReadonlyArray<Recorded>): ReadonlySet<string> =>
  new Set(log.flatMap(({ event }) => (event._tag === "Retracted" ? [event.eventUuid] : [])))

/** True for an event that gives its id a person, if it waits or not. */
const givesPerson = ({ facts }: Captured, policy: Policy): boolean =>
  facts.invalidUuid === undefined &&
  (!policy.personless_events ||
    (facts.personProfile !== false && !policy.person_processing_opt_out))

/**
 * All times at which something can be due that waits in a log, whichever of its events its retractions
 * undo, `retracted` by their uuids, in order. It folds nothing, so that it may name times at which nothing is due: an event may
 * wait as long as no event before it has surely given its id a person; nor more than `leftOut` of them, where so many
 * events may be left out beside.
 */
export const dueTimes = (
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  retracted: ReadonlySet<string> = uuidsRetracted(log),
  leftOut = 0,
): ReadonlyArray<number> => {
  const sure = new Map<DistinctId, number>()
  const times = new Set<number>()
  const known = new KnownIds()
  let current = policy
  for (const { event, recordedAt } of log) {
    if (event._tag === "PolicyChanged") {
      current = ChangedPolicy.change(current, event.change)
      known.policyEnds(recordedAt)
    } else if (event._tag === "PersonDeleted") {
      known.clear()
      sure.clear()
    }
    if (event._tag !== "Captured" || known.has(event.distinctId, recordedAt)) continue
    const mayHold = Buffer.mayHold(current, event)
    const dueAt = mayHold ? Buffer.dueAt(current, recordedAt) : recordedAt
    if (mayHold) times.add(dueAt)
    const isSure = !retracted.has(event.uuid) && givesPerson(event, current)
    if (!isSure) continue
    const before = sure.get(event.distinctId) ?? 0
    if (leftOut > 0) sure.set(event.distinctId, before + 1)
    if (before >= leftOut) known.add(event.distinctId, dueAt)
  }
  return [...times].toSorted((a, b) => a - b)
}
