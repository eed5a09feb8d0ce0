import { Atom } from "effect/reactivity"

/** Where the shown person changed; undefined where no person is shown. */
export const ownChanges = Atom.keepAlive(Atom.make<ReadonlyArray<number> | undefined>(undefined))
