import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"

/** The steps in which the wrong merge of the demo world is found. */
export const tourSteps = [
  ["open", "Open the first merge worth a look."],
  ["why", "Read why the two are one person."],
  ["leave", "Leave the weak link out, and see both again."],
  ["retract", "Retract it. The log keeps both facts."],
] as const

export type TourStep = (typeof tourSteps)[number][0]

const place = "onymous.tour"

const read = (): ReadonlyArray<string> => (sessionStorage.getItem(place) ?? "").split(" ")

const current = Atom.keepAlive(Atom.make(read()))

/** Which steps are done. */
export const tourDone: Atom.Atom<ReadonlyArray<string>> = Atom.map(current, (steps) => steps)

/** Ticks a step off. */
const done = (step: TourStep): void => {
  const before = registry.get(current)
  if (before.includes(step)) return
  sessionStorage.setItem(place, [...before, step].join(" "))
  registry.set(current, [...before, step])
}

export const Tour = { done }
