import { Effect } from "effect"
import { AsyncResult, Atom } from "effect/reactivity"
import { ask } from "../asking/Asking.ts"
import { head } from "./Head.ts"

/** The rows of the strip. */
export const rows = ["new", "merged", "refused", "apart"] as const

export type Row = (typeof rows)[number]

/** What happened along a stretch of the log, in buckets of equal size. */
export interface Activity {
  /** The first and the last position that were counted. */
  readonly from: number
  readonly to: number
  /** How many positions a bucket has. */
  readonly size: number
  /** The time of the first event of each bucket, in epoch milliseconds. */
  readonly times: ReadonlyArray<number>
  readonly counts: Readonly<Record<Row, ReadonlyArray<number>>>
}

/** A stretch of the log that the strip is zoomed to. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** What the strip is zoomed to; the whole log where it is not. */
export const zoom = Atom.keepAlive(Atom.make<Stretch | undefined>(undefined))

/** So many buckets make a bar of every few pixels, on a wide screen, too. */
const bucketsMax = 2000

const asked = (get: Atom.AtomContext, stretch: Partial<Stretch>) =>
  Effect.map(
    ask(get, ({ timeline }, params) =>
      timeline.activity({
        ...params,
        query: {
          buckets: bucketsMax,
          ...(stretch.from !== undefined && { from: `${stretch.from}` }),
          ...(stretch.to !== undefined && { to: `${stretch.to}` }),
        },
      }),
    ),
    ({ from, to, size, time, born, attached, merged, refused, apart }): Activity => ({
      from,
      to,
      size,
      times: time,
      counts: {
        new: born.map((count, index) => count + (attached[index] ?? 0)),
        merged,
        refused,
        apart,
      },
    }),
  )

/** The whole log, as the strip shows it. */
export const activity = Atom.keepAlive(
  Atom.make((get) => {
    get(head)
    return asked(get, {})
  }),
)

const settledZoom = Atom.debounce(zoom, "150 millis")

/** The same, of the stretch that the strip is zoomed to. */
export const zoomed = Atom.keepAlive(
  Atom.make((get) => {
    const stretch = get(settledZoom)
    const whole = AsyncResult.value(get(activity))
    // Where the whole log is told position by position, a part of it is known.
    const isKnown = whole._tag === "Some" && whole.value.size === 1
    return stretch === undefined || isKnown ? get.result(activity) : asked(get, stretch)
  }),
)

/** The time of a position, as far as the buckets tell. */
export const timeAt = ({ from, size, times }: Activity, position: number): number | undefined => {
  const place = (position - from) / size
  const [index, share] = [Math.floor(place), place % 1]
  const [here, next] = [times[index], times[index + 1]]
  if (here === undefined) return times.at(-1)
  return next === undefined ? here : here + (next - here) * share
}
