import { type Activity, type Row, rows, type Stretch } from "../data/StripCounts.ts"
import { dayOf, tickText } from "../words/Times.ts"

/** The height of a row of the strip, in pixels. */
const rowHeight = 17

/** The width of a bar and of the gap after it. */
const bar = 5

/** The height of the map of the whole log, above a strip that is zoomed. */
const mapHeight = 12

/** The map with the gap below it. */
export const mapSpace = mapHeight + 4

const axisHeight = 19

const hues: Readonly<Record<Row, string>> = {
  new: "new",
  merged: "merge",
  refused: "refused",
  apart: "apart",
}

/** What the strip shows. */
export interface Picture {
  readonly activity: Activity
  /** The stretch that the strip is as wide as. */
  readonly shown: Stretch
  /** The whole log, where the strip shows a part of it. */
  readonly whole: Activity | undefined
  readonly head: number
  readonly at: number
  readonly isPast: boolean
  /** Where the person's own changes are; undefined where no person is shown. */
  readonly own: ReadonlyArray<number> | undefined
}

/** How high a strip is. */
export const heightOf = ({ own, whole }: Pick<Picture, "own" | "whole">): number =>
  rowHeight * (own === undefined ? 4 : 5) + axisHeight + (whole === undefined ? 0 : mapSpace)

interface Brush {
  readonly context: CanvasRenderingContext2D
  readonly width: number
  readonly color: (name: string) => string
}

/** The place of a position on the strip, in pixels. */
const placeOf = ({ from, to }: Stretch, width: number) => {
  const length = to - from + 1
  return (position: number) => ((position - from + 0.5) / length) * width
}

/** The position at a place on the strip. */
export const positionAt = ({ from, to }: Stretch, share: number): number =>
  Math.min(to, Math.max(from, from + Math.floor(share * (to - from + 1))))

/** Sums the buckets of a row into bars of five pixels. */
const barsOf = ({ from, size, counts }: Activity, row: Row, shown: Stretch, bars: number) => {
  const sums = new Float64Array(bars)
  const length = shown.to - shown.from + 1
  for (const [index, count] of counts[row].entries()) {
    if (count === 0) continue
    const position = from + index * size + (size - 1) / 2
    const place = Math.floor(((position - shown.from + 0.5) / length) * bars)
    if (place >= 0 && place < bars) sums[place] = (sums[place] ?? 0) + count
  }
  return sums
}

const paintRow = (brush: Brush, picture: Picture, row: Row, bottom: number) => {
  const { context, width, color } = brush
  const sums = barsOf(picture.activity, row, picture.shown, Math.max(1, Math.floor(width / bar)))
  const most = sums.reduce((a, b) => Math.max(a, b), 1)
  context.fillStyle = color("line")
  context.fillRect(0, bottom, width, 1)
  context.fillStyle = color(hues[row])
  for (const [index, sum] of sums.entries()) {
    if (sum === 0) continue
    // The square root keeps one change visible beside a hundred.
    const tall =
      row === "apart" ? rowHeight - 4 : Math.max(3, Math.sqrt(sum / most) * (rowHeight - 4))
    context.fillRect(index * bar, bottom - tall, bar - 1, tall)
  }
}

/** Days as marks on the axis: wide days were busy ones. */
const paintDays = ({ context, width, color }: Brush, picture: Picture, top: number) => {
  const { activity, shown } = picture
  const x = placeOf(shown, width)
  const days = activity.times.map(dayOf)
  const isMany = (days.at(-1) ?? 0) - (days[0] ?? 0) > 13
  context.font = "500 11px Geist, sans-serif"
  let free = 0
  for (const [index, day] of days.entries()) {
    if (day === days[index - 1]) continue
    const place = Math.max(0, x(activity.from + index * activity.size) - 1)
    if (place > width || activity.from + index * activity.size < shown.from) continue
    if (place < free) continue
    context.fillStyle = color("edge")
    context.fillRect(place, top, 1, 5)
    const text = tickText(activity.times[index] ?? 0, isMany)
    const length = context.measureText(text).width
    if (place + length + 6 > width) continue
    context.fillStyle = color("ink-3")
    context.fillText(text, place + 4, top + 15)
    free = place + length + 18
  }
}

const paintPlayhead = (
  brush: Brush,
  { shown, at, isPast }: Picture,
  top: number,
  bottom: number,
) => {
  const { context, width, color } = brush
  if (at < shown.from || at > shown.to) return
  const place = placeOf(shown, width)(at)
  if (isPast) {
    // What came later is there, but pale.
    context.globalAlpha = 0.62
    context.fillStyle = color("past-bg")
    context.fillRect(place + 1, top, width - place, bottom - top)
    context.globalAlpha = 1
  }
  context.fillStyle = color(isPast ? "past" : "act")
  context.fillRect(Math.min(width - 2, place - 1), top, 2, bottom - top + 4)
  context.beginPath()
  context.arc(Math.min(width - 6, Math.max(6, place)), bottom + 5, 5.5, 0, 7)
  context.fill()
}

const paintMap = ({ context, width, color }: Brush, picture: Picture, whole: Activity) => {
  const { shown, at } = picture
  const all = { from: 1, to: picture.head }
  const x = placeOf(all, width)
  context.fillStyle = color("line")
  context.fillRect(0, mapHeight - 1, width, 1)
  for (const row of rows) {
    const sums = barsOf(whole, row, all, Math.max(1, Math.floor(width / 2)))
    const most = sums.reduce((a, b) => Math.max(a, b), 1)
    context.fillStyle = color(hues[row])
    context.globalAlpha = 0.5
    for (const [index, sum] of sums.entries()) {
      if (sum === 0) continue
      const tall = Math.max(2, Math.sqrt(sum / most) * (mapHeight - 3))
      context.fillRect(index * 2, mapHeight - 1 - tall, 1, tall)
    }
  }
  context.globalAlpha = 1
  context.strokeStyle = color("ink")
  const left = x(shown.from)
  context.strokeRect(left + 0.5, 0.5, Math.max(3, x(shown.to) - left), mapHeight - 1)
  context.fillStyle = color(picture.isPast ? "past" : "act")
  context.fillRect(x(at) - 1, 0, 2, mapHeight)
}

/** Paints the strip: four rows of bars, each on its own scale, and the person's own changes. */
export const paint = (canvas: HTMLCanvasElement, picture: Picture): void => {
  const context = canvas.getContext("2d")
  const { width } = canvas.getBoundingClientRect()
  const height = heightOf(picture)
  if (context === null || width === 0) return
  const scale = window.devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  context.setTransform(scale, 0, 0, scale, 0, 0)
  const style = getComputedStyle(canvas)
  const brush = { context, width, color: (name: string) => style.getPropertyValue(`--${name}`) }
  if (picture.whole !== undefined) paintMap(brush, picture, picture.whole)
  const top = picture.whole === undefined ? 0 : mapSpace
  for (const [index, row] of rows.entries()) {
    paintRow(brush, picture, row, top + (index + 1) * rowHeight - 2)
  }
  const bottom = top + rowHeight * (picture.own === undefined ? 4 : 5)
  if (picture.own !== undefined) {
    const x = placeOf(picture.shown, width)
    context.fillStyle = brush.color("ink")
    // A person of thousands of changes has many of them at each pixel.
    for (const place of new Set(picture.own.map((position) => Math.round(x(position))))) {
      context.fillRect(place - 1, bottom - rowHeight + 3, 2, rowHeight - 6)
    }
  }
  paintDays(brush, picture, bottom)
  paintPlayhead(brush, picture, top, bottom)
}
