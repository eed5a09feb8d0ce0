import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import { ask } from "../asking/Asking.ts"
import { head } from "./Head.ts"

/** Events that wait for the one that says whose they are. */
export const waiting = Atom.keepAlive(
  Atom.make((get) => {
    get(head)
    return Effect.map(
      ask(get, ({ project }, asked) => project.waiting({ ...asked, query: { limit: 100 } })),
      ({ results }) => results,
    )
  }),
)
