import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react"
import { AsyncResult } from "effect/reactivity"
import { registry, useAtom } from "../atoms/Registry.ts"
import { activity, type Stretch, zoom, zoomed } from "../data/StripCounts.ts"
import { head, isPast, playhead } from "../data/Head.ts"
import { Mark, type Hue } from "../look/Mark.tsx"
import { theme } from "../look/Theme.ts"
import { numberText } from "../words/Numbers.ts"
import { momentText } from "../words/Times.ts"
import { ownChanges } from "./OwnChanges.ts"
import { clock, stepBy, stepChange, stepTo } from "./Playhead.ts"
import * as StripDrawing from "./StripDrawing.ts"

const legend: ReadonlyArray<readonly [string, Hue, string]> = [
  ["create", "new", "new ids"],
  ["merge", "merge", "merged"],
  ["refused", "refused", "refused"],
  ["split", "apart", "taken apart"],
]

const steps: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => stepBy(-1),
  ArrowRight: () => stepBy(1),
  PageUp: () => void stepChange(-1),
  PageDown: () => void stepChange(1),
  Home: () => stepTo(1),
  End: () => stepTo(registry.get(head) ?? 1),
}

const onKeyDown = (event: KeyboardEvent) => {
  const move = steps[event.key]
  if (move === undefined) return
  event.preventDefault()
  event.stopPropagation()
  move()
}

const follow = (event: PointerEvent<HTMLCanvasElement>, shown: Stretch) => {
  const { left, width } = event.currentTarget.getBoundingClientRect()
  stepTo(StripDrawing.positionAt(shown, (event.clientX - left) / width))
}

/** Zooms around a place; the whole log is the widest. */
const zoomAt = (share: number, shown: Stretch, end: number, factor: number) => {
  const length = Math.max(20, Math.min(end, Math.round((shown.to - shown.from + 1) * factor)))
  const middle = shown.from + share * (shown.to - shown.from)
  const from = Math.max(1, Math.min(end - length + 1, Math.round(middle - share * length)))
  registry.set(zoom, length >= end ? undefined : { from, to: from + length - 1 })
}

/** The stretch that the strip shows: a window moves on to where the playhead is. */
const shownOf = (window: Stretch | undefined, end: number, at: number): Stretch => {
  if (window === undefined) return { from: 1, to: Math.max(1, end) }
  if (at >= window.from && at <= window.to) return window
  const length = window.to - window.from
  const from = Math.max(1, Math.min(end - length, at - Math.round(length / 2)))
  return { from, to: from + length }
}

const useStrip = () => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const paint = useRef(() => {})
  const end = useAtom(head) ?? 1
  const at = useAtom(playhead) ?? end
  const window = useAtom(zoom)
  const shown = shownOf(window, end, at)
  const whole = AsyncResult.value(useAtom(activity))
  const part = AsyncResult.value(useAtom(zoomed))
  const past = useAtom(isPast)
  const own = useAtom(ownChanges)
  const look = useAtom(theme)
  const all = whole._tag === "Some" ? whole.value : undefined
  const detail = window !== undefined && part._tag === "Some" ? part.value : all
  useEffect(() => {
    const element = canvas.current
    if (element === null || detail === undefined) return
    const picture = {
      activity: detail,
      shown,
      whole: window === undefined ? undefined : all,
      head: end,
      at,
      isPast: past,
      own,
    }
    paint.current = () => StripDrawing.paint(element, picture)
    paint.current()
  })
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const again = () => paint.current()
    const observer = new ResizeObserver(again)
    observer.observe(element)
    document.fonts.addEventListener("loadingdone", again)
    return () => {
      observer.disconnect()
      document.fonts.removeEventListener("loadingdone", again)
    }
  }, [])
  useEffect(() => {
    const element = canvas.current
    // React listens passively to wheels, and the page must not scroll with this one.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const { left, width } = element?.getBoundingClientRect() ?? { left: 0, width: 1 }
      zoomAt((event.clientX - left) / width, shown, end, event.deltaY > 0 ? 1.25 : 0.8)
    }
    element?.addEventListener("wheel", onWheel, { passive: false })
    return () => element?.removeEventListener("wheel", onWheel)
  })
  return { canvas, end, at, shown, own, look, isZoomed: window !== undefined }
}

/** The whole log on one line, by position, so that nothing is ever too dense to see or empty. */
export const Strip = () => {
  const { canvas, end, at, shown, own, isZoomed } = useStrip()
  const time = useAtom(clock)
  const height = StripDrawing.heightOf({ own, whole: isZoomed ? emptyActivity : undefined })
  const moment = time === undefined ? "" : `, ${momentText(time)}`
  return (
    <div className={isZoomed ? "strip is-zoomed" : "strip"}>
      <ol aria-hidden="true">
        {legend.map(([mark, hue, text]) => (
          <li key={mark}>
            <Mark name={mark} hue={hue} />
            {text}
          </li>
        ))}
        {own !== undefined && <li>this person</li>}
      </ol>
      <div
        role="slider"
        tabIndex={0}
        aria-label="Position in the log"
        aria-valuemin={1}
        aria-valuemax={end}
        aria-valuenow={at}
        aria-valuetext={`Position ${numberText(at)} of ${numberText(end)}${moment}`}
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          style={{ height }}
          onDoubleClick={() => registry.set(zoom, undefined)}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            follow(event, shown)
          }}
          onPointerMove={(event) => {
            if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event, shown)
          }}
        />
      </div>
    </div>
  )
}

const emptyActivity = {
  from: 1,
  to: 1,
  size: 1,
  times: [],
  counts: { new: [], merged: [], refused: [], apart: [] },
}
