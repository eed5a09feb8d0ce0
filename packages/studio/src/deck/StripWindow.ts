import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"
import { head, playhead } from "../data/Head.ts"
import { type Stretch, zoom } from "../data/StripCounts.ts"
import * as StripZoom from "./StripZoom.ts"

const wholeOf = (end: number): Stretch => ({ from: 1, to: Math.max(1, end) })

const has = ({ from, to }: Stretch, position: number): boolean => position >= from && position <= to

/** The stretch that the strip is as wide as. */
export const shown = Atom.keepAlive(
  Atom.make((get): Stretch => get(zoom) ?? wholeOf(get(head) ?? 1)),
)

/** Shows a stretch made of the one that is shown; nothing stands for the whole log. */
export const show = (
  change: (shown: Stretch, end: number) => Stretch | undefined,
  from = registry.get(shown),
): void => registry.set(zoom, change(from, registry.get(head) ?? 1))

export const showAll = (): void => registry.set(zoom, undefined)

/** Zooms around the playhead, or around the middle where the playhead is out of sight. */
export const zoomBy = (factor: number): void =>
  show((now, end) => {
    const at = registry.get(playhead) ?? end
    const share = has(now, at) ? (at - now.from) / (now.to - now.from + 1) : 0.5
    return StripZoom.zoomedAt(now, share, end, factor)
  })

/** Brings the playhead into sight again, after it moved from one position to another. */
export const follow = (before: number, at: number, isPast: boolean): void => {
  const window = registry.get(zoom)
  if (window === undefined || has(window, at)) return
  // The live end runs on by itself: who looks at another part of the log stays there.
  if (isPast || has(window, before)) show((now, end) => StripZoom.centred(now, at, end))
}
