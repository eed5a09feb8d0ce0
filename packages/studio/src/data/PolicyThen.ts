import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import { ask } from "../asking/Asking.ts"
import { settled } from "./Around.ts"

/** The rules that hold at the playhead, field by field. */
export const rules = Atom.keepAlive(
  Atom.make((get) => {
    const at = get(settled)
    if (at === undefined) return Effect.never
    return Effect.map(
      ask(get, ({ project }, asked) => project.policy({ ...asked, query: { at: `${at}` } })),
      ({ policy }) => policy,
    )
  }),
)
