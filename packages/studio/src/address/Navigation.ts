import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"
import { type Address, read, start, write } from "./Address.ts"

/** Browsers refuse more than about four changes of the address in a second. */
const replacePause = 250

const first = read(window.location.search)

const current = Atom.keepAlive(Atom.make(first.address))

/** Where the page is: all that it shows follows from it. */
export const address: Atom.Atom<Address> = Atom.map(current, (here) => here)

/** Parameters of the address that meant nothing; said once. */
export const dropped = Atom.keepAlive(Atom.make(first.dropped))

let pending: ReturnType<typeof setTimeout> | undefined

const replaceNow = () => {
  pending = undefined
  window.history.replaceState(null, "", write(registry.get(current)))
}

/** A change of the address; a field that is undefined is left out of it. */
export type Move = { readonly [K in keyof Address]?: Address[K] | undefined }

const moved = (here: Address, move: Move): Address => {
  // Only a link that was copied says which log it is about.
  const entries = Object.entries({ ...here, log: undefined, ...move }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...start, ...Object.fromEntries(entries) }
}

/** The address that a link leads to. */
export const hrefOf = (move: Move): string => write(moved(registry.get(current), move))

/** Goes somewhere else; Back leads here again. */
export const go = (move: Move): void => {
  if (pending !== undefined) {
    clearTimeout(pending)
    replaceNow()
  }
  const next = moved(registry.get(current), move)
  const target = write(next)
  if (target !== write(registry.get(current))) window.history.pushState(null, "", target)
  registry.set(current, next)
}

/** Goes a step further; Back leads to where the steps began. */
export const step = (move: Move): void => {
  registry.set(current, moved(registry.get(current), move))
  pending ??= setTimeout(replaceNow, replacePause)
}

window.addEventListener("popstate", () => {
  const { address: there, dropped: lost } = read(window.location.search)
  registry.set(current, there)
  registry.set(dropped, lost)
})
