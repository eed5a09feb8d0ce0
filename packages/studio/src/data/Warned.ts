import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import { ask } from "../asking/Asking.ts"
import { settled } from "./Around.ts"

/** Why events were not applied as asked, by type, as of the playhead. */
export const warned = Atom.keepAlive(
  Atom.make((get) => {
    const at = get(settled)
    if (at === undefined) return Effect.never
    return Effect.map(
      ask(get, ({ project }, asked) =>
        project.warnings({ ...asked, query: { at: `${at}`, all: "true" } }),
      ),
      ({ results }) => results,
    )
  }),
)
