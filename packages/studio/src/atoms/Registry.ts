import { useCallback, useSyncExternalStore } from "react"
import { type Atom, AtomRegistry } from "effect/reactivity"

/** Holds what the page knows: components read it by `useAtom`, and whatever answers to the world writes it. */
export const registry = AtomRegistry.make({ defaultIdleTTL: 60_000 })

/** The value of an atom, now and whenever it changes. */
export const useAtom = <A>(atom: Atom.Atom<A>): A =>
  useSyncExternalStore(
    useCallback((listen: () => void) => registry.subscribe(atom, listen), [atom]),
    useCallback(() => registry.get(atom), [atom]),
  )
