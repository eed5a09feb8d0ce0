import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react"
import { AsyncResult } from "effect/reactivity"
import { registry, useAtom } from "../atoms/Registry.ts"
import { activity, zoom, zoomed } from "../data/StripCounts.ts"
import { head, isPast, playhead } from "../data/Head.ts"
import { Mark, type Hue } from "../look/Mark.tsx"
import { theme } from "../look/Theme.ts"
import { numberText } from "../words/Numbers.ts"
import { momentText } from "../words/Times.ts"
import { ownChanges } from "./OwnChanges.ts"
import { clock, stepBy, stepChange, stepTo } from "./Playhead.ts"
import * as StripDrawing from "./StripDrawing.ts"
import { pointers } from "./StripPointers.ts"
import * as StripWindow from "./StripWindow.ts"
import * as StripZoom from "./StripZoom.ts"

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

/** What a turn of the wheel does: along the strip where it goes sideways, else nearer or further. */
const turn = ({ deltaX, deltaY, clientX }: WheelEvent, canvas: HTMLCanvasElement) => {
  const { left, width } = canvas.getBoundingClientRect()
  StripWindow.show((shown, end) =>
    Math.abs(deltaX) > Math.abs(deltaY)
      ? StripZoom.shifted(shown, deltaX / width, end)
      : StripZoom.zoomedAt(shown, (clientX - left) / width, end, deltaY > 0 ? 1.25 : 0.8),
  )
}

const useWheel = (canvas: RefObject<HTMLCanvasElement | null>) => {
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    // React listens passively to wheels, and the page must not scroll with this one.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      turn(event, element)
    }
    element.addEventListener("wheel", onWheel, { passive: false })
    return () => element.removeEventListener("wheel", onWheel)
  }, [canvas])
}

/** The window goes after the playhead. */
const useFollowing = (at: number, past: boolean) => {
  const before = useRef(at)
  useEffect(() => {
    StripWindow.follow(before.current, at, past)
    before.current = at
  }, [at, past])
}

const useStrip = () => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const paint = useRef(() => {})
  const end = useAtom(head) ?? 1
  const at = useAtom(playhead) ?? end
  const window = useAtom(zoom)
  const shown = useAtom(StripWindow.shown)
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
  useWheel(canvas)
  useFollowing(at, past)
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
          onDoubleClick={StripWindow.showAll}
          {...pointers(shown, isZoomed)}
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
