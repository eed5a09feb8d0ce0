import { Atom } from "effect/reactivity"

/** True from the click until persons have reached the demo's end: half of it would show merges in another order. */
export const isLoadingDemo = Atom.keepAlive(Atom.make(false))
