import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"
import { askOnce, untilReached } from "../asking/Asking.ts"

/** What was retracted last on this page: it can be had back. */
export interface Retracted {
  /** The event that was retracted. */
  readonly position: number
  /** The retraction. */
  readonly at: number
  readonly uuid: string
  readonly by: string
}

const current = Atom.keepAlive(Atom.make<Retracted | undefined>(undefined))

export const lastRetraction: Atom.Atom<Retracted | undefined> = Atom.map(current, (last) => last)

const place = "onymous.by"

/** Who retracted last in this browser. */
export const lastBy = (): string => localStorage.getItem(place) ?? ""

/** Retracts an event, for a reason, and waits until the persons show it. */
export const retract = Effect.fnUntraced(function* (event: {
  readonly position: number
  readonly uuid: string
  readonly by: string
  readonly reason: string
}) {
  const { by, reason, uuid } = event
  const act = yield* askOnce(({ operations }, asked) =>
    operations.retract({ ...asked, query: {}, payload: { event_uuid: uuid, by, reason } }),
  )
  yield* untilReached(act.position)
  localStorage.setItem(place, by)
  registry.set(current, { position: event.position, at: act.position, uuid: act.event_uuid, by })
  return act.position
})

/** Retracts the last retraction: the event has its effect again. */
export const haveBack = Effect.fnUntraced(function* ({ position, uuid, by }: Retracted) {
  yield* retract({ position, uuid, by, reason: `has ${position} back` })
  registry.set(current, undefined)
})
