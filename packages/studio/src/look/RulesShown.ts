import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"

/** True where what the rules saw is shown beside the event at the playhead. */
export const rulesShown = Atom.keepAlive(Atom.make(false))

export const toggleRules = (): void => registry.set(rulesShown, !registry.get(rulesShown))
