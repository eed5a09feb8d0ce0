import { Effect } from "effect"
import { AsyncResult, Atom } from "effect/reactivity"
import { address, go, step } from "../address/Navigation.ts"
import { registry } from "../atoms/Registry.ts"
import { type Activity, activity, rows, timeAt } from "../data/StripCounts.ts"
import { askOnce } from "../asking/Asking.ts"
import { timeHere } from "../data/Around.ts"
import { head, playhead } from "../data/Head.ts"
import { ownChanges } from "./OwnChanges.ts"

/** Puts the playhead somewhere; at the live end it is live. */
const toward = (move: typeof go, position: number): void => {
  const end = registry.get(head)
  const at = Math.max(1, Math.min(position, end ?? position))
  move({ at: at === end ? undefined : at })
}

/** Steps to a position, or is dragged there: Back leads to where that began. */
export const stepTo = (position: number): void => toward(step, position)

/** Jumps to a position: Back leads here again. */
export const jumpTo = (position: number): void => toward(go, position)

/** Goes on by some events. */
export const stepBy = (events: number): void => {
  const here = registry.get(playhead)
  if (here !== undefined) stepTo(here + events)
}

export const toLive = (): void => go({ at: undefined })

/** The positions of all changes, where the strip tells them one by one. */
const changesIn = ({ from, size, counts }: Activity): ReadonlyArray<number> | undefined => {
  if (size !== 1) return undefined
  const length = counts.new.length
  return Array.from({ length }, (_, index) => index).flatMap((index) =>
    rows.some((row) => (counts[row][index] ?? 0) > 0) ? [from + index * size] : [],
  )
}

const known = Atom.keepAlive(
  Atom.make((get) => {
    const found = AsyncResult.value(get(activity))
    return found._tag === "None" ? undefined : changesIn(found.value)
  }),
)

const kinds = "born,attached,merged,refused,merged_by_hand,split,deleted,retracted"

/** Asks for the change after a position, or before it, where the strip does not tell. */
const askChange = (here: number, direction: 1 | -1) =>
  Effect.map(
    askOnce(({ timeline }, asked) =>
      timeline.changes({
        ...asked,
        query: { limit: 1, kinds, ...(direction > 0 ? { after: here } : { before: here }) },
      }),
    ),
    ({ results }) => results[0]?.position,
  )

/** Steps to the next change, or the one before: of the person that is shown, or of all. */
export const stepChange = async (direction: 1 | -1): Promise<void> => {
  const here = registry.get(playhead)
  if (here === undefined) return
  const changes = registry.get(ownChanges) ?? registry.get(known)
  const isNext = (position: number) => (direction > 0 ? position > here : position < here)
  const next =
    changes === undefined
      ? await Effect.runPromise(Effect.orElseSucceed(askChange(here, direction), () => here))
      : direction > 0
        ? changes.find(isNext)
        : changes.findLast(isNext)
  stepTo(next ?? (direction > 0 ? (registry.get(head) ?? here) : 1))
}

/** The time at the playhead, in epoch milliseconds. */
export const clock = Atom.keepAlive(
  Atom.make((get): number | undefined => {
    const [found, here] = [AsyncResult.value(get(activity)), get(playhead)]
    if (here === undefined) return undefined
    return get(timeHere) ?? (found._tag === "None" ? undefined : timeAt(found.value, here))
  }),
)

/** How fast changes are played: so many milliseconds each. */
const pace = Atom.keepAlive(Atom.make(600))

const timer = Atom.keepAlive(Atom.make<ReturnType<typeof setTimeout> | undefined>(undefined))

export const isPlaying: Atom.Atom<boolean> = Atom.map(timer, (running) => running !== undefined)

const tick = async (): Promise<void> => {
  const before = registry.get(playhead)
  await stepChange(1)
  if (registry.get(address).at === undefined || registry.get(playhead) === before) return pause()
  registry.set(
    timer,
    setTimeout(() => void tick(), registry.get(pace)),
  )
}

const pause = (): void => {
  clearTimeout(registry.get(timer))
  registry.set(timer, undefined)
}

/** Plays from here to the live end, change by change; from the beginning where it is live. */
export const play = (): void => {
  if (registry.get(timer) !== undefined) return pause()
  if (registry.get(address).at === undefined) jumpTo(1)
  registry.set(
    timer,
    setTimeout(() => void tick(), registry.get(pace)),
  )
}

const paces = [100, 200, 300, 600, 1200, 2400]

/** Plays faster or slower. */
export const changePace = (direction: 1 | -1): void => {
  const index = paces.indexOf(registry.get(pace)) - direction
  registry.set(pace, paces[Math.max(0, Math.min(paces.length - 1, index))] ?? 600)
}
