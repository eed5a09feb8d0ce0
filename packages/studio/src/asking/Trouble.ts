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

/** Whoever waits for an answer that did not come. */
const waiting = new Set<object>()

/** The server did not answer somebody, who asks again after a while. */
export const begin = (asker: object, message: string, pause: number): void => {
  waiting.add(asker)
  const now = Date.now()
  const since = registry.get(current)?.since ?? now
  registry.set(current, { since, again: now + pause, message })
}

/** Somebody has an answer, or wants none any more: the last of those who wait ends the trouble. */
export const end = (asker: object): void => {
  if (waiting.delete(asker) && waiting.size === 0) registry.set(current, undefined)
}
