import type { PointerEvent } from "react"
import type { Stretch } from "../data/StripCounts.ts"
import { stepTo } from "./Playhead.ts"
import * as StripDrawing from "./StripDrawing.ts"
import * as StripWindow from "./StripWindow.ts"
import * as StripZoom from "./StripZoom.ts"

type Canvas = PointerEvent<HTMLCanvasElement>

/** What pointers hold: the playhead, the window on the map of the whole log, or the strip between two fingers. */
type Grip =
  | { readonly _tag: "Playhead" }
  | { readonly _tag: "Map" }
  | { readonly _tag: "Pinch"; readonly shown: Stretch; readonly before: StripZoom.Fingers }

/** Where pointers are that are down, as shares of the strip's width. */
const down = new Map<number, number>()

let grip: Grip | undefined

/** A finger that rests trembles by less than so many pixels. */
const trembleMax = 6

/** Where a finger came down, until it has moved; undefined for who is moving. */
let resting: number | undefined

const shareOf = ({ clientX, currentTarget }: Canvas): number => {
  const { left, width } = currentTarget.getBoundingClientRect()
  return (clientX - left) / width
}

const isOnMap = ({ clientY, currentTarget }: Canvas): boolean =>
  clientY - currentTarget.getBoundingClientRect().top < StripDrawing.mapSpace

const fingers = (): StripZoom.Fingers => {
  const shares = [...down.values()].toSorted((left, right) => left - right)
  return [shares[0] ?? 0, shares.at(-1) ?? 1]
}

const begin = (event: Canvas, shown: Stretch, isZoomed: boolean): Grip => {
  if (down.size > 1) return { _tag: "Pinch", shown, before: fingers() }
  return { _tag: isZoomed && isOnMap(event) ? "Map" : "Playhead" }
}

const move = (held: Grip, share: number, shown: Stretch): void => {
  if (held._tag === "Playhead") return stepTo(StripDrawing.positionAt(shown, share))
  if (held._tag === "Map") {
    return StripWindow.show((now, end) =>
      StripZoom.centred(now, StripDrawing.positionAt({ from: 1, to: end }, share), end),
    )
  }
  const { before } = held
  StripWindow.show((start, end) => StripZoom.pinched(start, before, fingers(), end), held.shown)
}

const isOfTwo = (): boolean => grip?._tag === "Pinch"

/** What the mouse and fingers do on a strip that shows a stretch. */
export const pointers = (shown: Stretch, isZoomed: boolean) => ({
  onPointerDown: (event: Canvas) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    down.set(event.pointerId, shareOf(event))
    grip = begin(event, shown, isZoomed)
    // A finger may be the first of two, which move no playhead.
    resting = event.pointerType === "touch" ? event.clientX : undefined
    if (resting === undefined) move(grip, shareOf(event), shown)
  },
  onPointerMove: (event: Canvas) => {
    if (grip === undefined || !down.has(event.pointerId)) return
    down.set(event.pointerId, shareOf(event))
    if (resting !== undefined && !isOfTwo()) {
      if (Math.abs(event.clientX - resting) < trembleMax) return
      resting = undefined
    }
    if (!isOfTwo() || down.size > 1) move(grip, shareOf(event), shown)
  },
  onPointerUp: (event: Canvas) => {
    if (grip !== undefined && !isOfTwo()) move(grip, shareOf(event), shown)
    leave(event)
  },
  onPointerCancel: (event: Canvas) => leave(event),
})

/** The finger that is left of two moves nothing. */
const leave = ({ pointerId }: Canvas): void => {
  down.delete(pointerId)
  if (down.size === 0) grip = undefined
}
