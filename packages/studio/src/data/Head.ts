import { Option, Schedule, Stream } from "effect"
import { AsyncResult, Atom } from "effect/reactivity"
import { address } from "../address/Navigation.ts"
import { ask } from "../asking/Asking.ts"

/** How often it is asked how log and persons are. */
const pause = 5000

/** How log and persons are, again and again. */
export const status = Atom.keepAlive(
  Atom.make((get) =>
    Stream.fromEffectSchedule(
      ask(get, ({ project }, asked) => project.status({ ...asked, query: {} })),
      Schedule.spaced(pause),
    ),
  ),
)

/** A connection that ends, or is cut, is made again after so long. */
const reconnectPause = 1000

/** Where log and persons are, as the server tells it whenever that changes. */
const live = Atom.keepAlive(
  Atom.make((get) =>
    Stream.unwrap(
      ask(get, ({ timeline }, asked) => timeline.live({ ...asked, query: {}, headers: {} })),
    ).pipe(
      Stream.map(({ data }) => data),
      Stream.catchCause(() => Stream.empty),
      Stream.repeat(Schedule.spaced(reconnectPause)),
    ),
  ),
)

/** Where the log ends, as far as the persons are; undefined until that is known. */
export const head = Atom.keepAlive(
  Atom.make((get): number | undefined => {
    const told = AsyncResult.value(get(live))
    return told._tag === "None" ? undefined : told.value.checkpoint
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
