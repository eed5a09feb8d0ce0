import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import type { PersonForm } from "./Forms.ts"
import { ask } from "../asking/Asking.ts"
import { settled } from "./Around.ts"

/** How many events are looked at for the persons that were seen last. */
const eventsMax = 50

/** How many of their persons are shown. */
const personsMax = 8

/** A person, and the last event of it. */
export interface Seen {
  readonly id: string
  readonly person: PersonForm | undefined
  readonly event: string
  readonly position: number
  readonly time: number
}

/** The persons of the last events, the latest first: never a question about all persons. */
export const seenLast = Atom.keepAlive(
  Atom.make((get) => {
    const at = get(settled)
    if (at === undefined) return Effect.never
    const point = { at: `${at}` }
    return Effect.gen(function* () {
      const { results } = yield* ask(get, ({ project }, asked) =>
        project.events({ ...asked, query: { limit: eventsMax, ...point } }),
      )
      const last = new Map(
        results.toReversed().map((event) => [event.person_id ?? event.distinct_id, event]),
      )
      const latest = [...last.values()].toSorted((a, b) => b.position - a.position)
      return yield* Effect.forEach(
        latest.slice(0, personsMax),
        ({ distinct_id: id, event, position, received_at }) =>
          Effect.map(
            ask(get, ({ project }, asked) =>
              project.persons({ ...asked, query: { distinct_id: id, ...point } }),
            ),
            (found): Seen => ({
              id,
              person: found.results[0],
              event,
              position,
              time: Date.parse(received_at),
            }),
          ),
        { concurrency: 4 },
      )
    })
  }),
)
