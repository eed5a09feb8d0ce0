import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"

/** The server gave no answer: since when, what it said, and when it is asked again. */
export interface Trouble {
  readonly since: number
  readonly again: number
  readonly message: string
}

const current = Atom.keepAlive(Atom.make<Trouble | undefined>(undefined))

/** What stands in the way of answers now. */
export const trouble: Atom.Atom<Trouble | undefined> = Atom.map(current, (value) => value)

/** The server did not answer, and is asked again after a while. */
export const begin = (message: string, pause: number): void => {
  const now = Date.now()
  const since = registry.get(current)?.since ?? now
  registry.set(current, { since, again: now + pause, message })
}

/** The server answers. */
export const end = (): void => registry.set(current, undefined)
