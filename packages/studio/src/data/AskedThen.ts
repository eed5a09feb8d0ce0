import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import type { Difference } from "@onymous/api/forms/ChangeForms"
import type { Events } from "@onymous/api/forms/AttributionForms"
import type { Why } from "@onymous/api/forms/WhyForms"
import { address } from "../address/Navigation.ts"
import { ask, type Refused } from "../asking/Asking.ts"
import { settled } from "./Around.ts"
import type { PersonForm } from "./Forms.ts"
import { followed } from "./Head.ts"

/** How many events of a person are asked for. */
const eventsMax = 50

/** What the server says of a person at a moment. */
export interface AskedThen {
  readonly at: number
  readonly person: PersonForm | undefined
  /** The last events of the person, the newest first. */
  readonly events: (typeof Events.Type)["results"]
  readonly why: { readonly other: string; readonly answer: typeof Why.Type } | undefined
  /** What differs from the moment that it is compared with. */
  readonly difference: (typeof Difference.Type)["persons"] | undefined
}

/** A person at the playhead, where more was said of its ids than the page folds: asked for at each moment. */
export const askedThen = Atom.family((id: string) =>
  Atom.keepAlive(
    Atom.make((get): Effect.Effect<AskedThen, Refused> => {
      const [at, { with: other, vs }] = [get(settled), get(address)]
      get(followed)
      if (at === undefined) return Effect.never
      const point = { at: `${at}` }
      const person = ask(get, ({ project }, asked) =>
        project.persons({ ...asked, query: { distinct_id: id, ...point } }),
      )
      const events = ask(get, ({ project }, asked) =>
        project.events({ ...asked, query: { distinct_id: id, limit: eventsMax, ...point } }),
      )
      const why =
        other === undefined
          ? Effect.undefined
          : Effect.map(
              ask(get, ({ past }, asked) =>
                past.why({ ...asked, query: { a: id, b: other, ...point } }),
              ),
              (answer) => ({ other, answer }),
            )
      const [from, to] = [Math.min(at, vs ?? at), Math.max(at, vs ?? at)]
      const difference =
        vs === undefined
          ? Effect.undefined
          : Effect.map(
              ask(get, ({ past }, asked) =>
                past.diff({ ...asked, query: { from: `${from}`, to: `${to}`, distinct_id: id } }),
              ),
              ({ persons }) => persons,
            )
      return Effect.map(
        Effect.all([person, events, why, difference], { concurrency: 2 }),
        ([found, said, answer, differs]): AskedThen => ({
          at,
          person: found.results[0],
          events: said.results,
          why: answer,
          difference: differs,
        }),
      )
    }),
  ),
)
