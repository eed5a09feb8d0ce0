import { Atom } from "effect/reactivity"

/** The uuid of the event at the playhead, once it is known: it can be left out. */
export const eventHere = Atom.keepAlive(Atom.make<string | undefined>(undefined))
