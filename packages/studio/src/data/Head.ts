import { Option, Schedule, Stream } from "effect"
import { AsyncResult, Atom } from "effect/reactivity"
import { address } from "../address/Navigation.ts"
import { ask } from "../asking/Asking.ts"

/** How often it is asked where the log ends. */
const pause = 2000

/** Where the log and the persons are, again and again. */
export const status = Atom.keepAlive(
  Atom.make((get) =>
    Stream.fromEffectSchedule(
      ask(get, ({ project }, asked) => project.status({ ...asked, query: {} })),
      Schedule.spaced(pause),
    ),
  ),
)

/** Where the log ends; undefined until that is known. */
export const head = Atom.keepAlive(
  Atom.make((get): number | undefined => {
    const found = AsyncResult.value(get(status))
    return found._tag === "None" ? undefined : found.value.checkpoint
  }),
)

/** The position that everything is shown as of: the playhead, or the live end. */
export const playhead = Atom.keepAlive(
  Atom.make((get): number | undefined => {
    const [{ at }, end] = [get(address), get(head)]
    return end === undefined ? at : Math.min(at ?? end, end)
  }),
)

/** True where what is shown is not the live end. */
export const isPast = Atom.keepAlive(
  Atom.make((get) => {
    const [{ at }, end] = [get(address), get(head)]
    return at !== undefined && (end === undefined || at < end)
  }),
)

/** The live end while somebody looks at it; what comes later moves nothing in the past. */
export const followed = Atom.keepAlive(
  Atom.make((get): number | undefined => {
    const before = Option.getOrUndefined(get.self<number | undefined>())
    return get(isPast) && before !== undefined ? before : get(head)
  }),
)
