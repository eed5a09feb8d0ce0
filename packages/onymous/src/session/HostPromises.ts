import { Effect, Schedule, Semaphore } from "effect"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError, type Outcome } from "@onymous/log/EventLog"

/** A drain gives up at once where another transaction holds the end of the log; a question waits longer. */
const whileHeld = {
  times: 100,
  schedule: Schedule.spaced("250 millis"),
  while: ({ reason }: EventLogError) => reason._tag === "Busy",
}

/** More transactions are never open at a time: the earliest has ended long ago. */
const openMax = 1000

/** The transactions of a host in which events were appended, until they have ended. */
export class HostPromises {
  /** The last place in each of those that may be open; zero where the events wait for theirs. */
  readonly #open = new Map<string, Position>()
  /** The last place in those that are committed. */
  #last: Position = zero
  /** How many of those that are committed had events that waited, and of how many these have their places. */
  #queued = 0
  #drained = 0
  readonly #draining = Semaphore.makeUnsafe(1)
  /** All that was committed when a question looked is up to here. */
  #reached: Position = zero

  /** Events are promised by a transaction; without a place, theirs comes after the commit. */
  add(transaction: string, position: Position = zero): void {
    // The end of the log, for which events that wait are asked, is past any place.
    const isQueued = this.#open.get(transaction) === zero
    this.#open.set(transaction, isQueued ? zero : position)
    const [earliest] = this.#open.keys()
    if (this.#open.size > openMax && earliest !== undefined) this.#end(earliest, "committed")
  }

  #end(transaction: string, outcome: Outcome | undefined): void {
    const place = this.#open.get(transaction)
    if (place === undefined || outcome === "in progress") return
    this.#open.delete(transaction)
    if (outcome !== "committed") return
    if (place === zero) this.#queued += 1
    else if (place > this.#last) this.#last = place
  }

  /** One question drains, and the others wait for it: each would take a connection of those that append. */
  #drainOnce(log: EventLog["Service"], project: ProjectId, queued: number) {
    return this.#draining.withPermits(1)(
      Effect.suspend(() =>
        queued > this.#drained
          ? Effect.asVoid(
              Effect.repeat(Effect.retry(log.drain(project), whileHeld), {
                while: ({ hasMore }) => hasMore,
              }),
            )
          : Effect.void,
      ),
    )
  }

  /** The position up to which there are the events of all those transactions that are committed by now. */
  committed(project: ProjectId): Effect.Effect<Position, EventLogError, EventLog> {
    return Effect.gen({ self: this }, function* () {
      const log = yield* EventLog
      const transactions = [...this.#open.keys()]
      if (transactions.length > 0) {
        const outcomes = yield* log.outcomes(transactions)
        for (const [index, each] of transactions.entries()) this.#end(each, outcomes[index])
      }
      const [last, queued] = [this.#last, this.#queued]
      if (last <= this.#reached && queued === this.#drained) return this.#reached
      if (queued > this.#drained) yield* this.#drainOnce(log, project, queued)
      const { position: head } = yield* log.head(project)
      // A savepoint that was rolled back takes its events with it: no place is past the end.
      const reached = queued > this.#drained ? head : Position(Math.min(head, last))
      this.#drained = Math.max(this.#drained, queued)
      if (reached > this.#reached) this.#reached = reached
      return this.#reached
    })
  }
}
