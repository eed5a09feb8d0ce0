import { useLayoutEffect, useRef, useState } from "react"
import { positionText, numberText } from "../words/Numbers.ts"
import { durationText, shortText } from "../words/Times.ts"
import type { Column } from "./Columns.ts"
import type { Join, Lane, Span, Threads } from "./Threads.ts"

const laneHeight = 46
const top = 44
const left = 34

/** How a drawing is laid out, in pixels. */
interface Layout {
  readonly x: (place: number) => number
  readonly y: (lane: number) => number
  readonly end: number
  readonly height: number
  /** The column of the playhead; -1 before the first. */
  readonly at: number
  readonly columns: number
}

const hues = 6

const hueOf = (whose: number): string => `p${whose % hues}`

const layoutOf = ({ columns, lanes }: Threads, at: number, width: number): Layout => {
  const widest = columns.some(({ count }) => count > 1) ? 84 : 62
  const pitch = Math.max(widest, Math.min(120, (width - left - 20) / (columns.length + 0.1)))
  const x = (place: number) => left + place * pitch
  return {
    x,
    y: (lane) => top + laneHeight / 2 + lane * laneHeight,
    end: x(columns.length - 1) + pitch * 0.6,
    height: top + lanes.length * laneHeight + 6,
    at,
    columns: columns.length,
  }
}

/** A piece of a lane: what comes after the playhead is dashed. */
const pieces = ({ from, to }: Span, layout: Layout, isLive: boolean) => {
  const [a, b] = [layout.x(from), to >= layout.columns ? layout.end : layout.x(to)]
  if (isLive || to <= layout.at) return [{ a, b, isLater: false }]
  if (from > layout.at) return [{ a, b, isLater: true }]
  const now = layout.x(layout.at)
  return [
    { a, b: now, isLater: false },
    { a: now, b, isLater: true },
  ].filter((piece) => piece.b > piece.a)
}

/** Where a lane begins: at first, unless a join begins it, and anew after its person was deleted. */
const beginnings = ({ spans }: Lane, isStart: boolean) =>
  spans.flatMap(({ from, whose }, index) => {
    const before = spans[index - 1]
    const isBeginning = before === undefined ? isStart : before.to < from
    return isBeginning && whose !== undefined ? [{ from, whose }] : []
  })

/** Where the person of a lane was deleted. */
const endings = ({ spans }: Lane, columns: number): ReadonlyArray<number> =>
  spans.flatMap(({ to }, index) => (to < columns && spans[index + 1]?.from !== to ? [to] : []))

const LaneLine = ({
  lane,
  index,
  layout,
  isLive,
  isStart,
}: {
  readonly lane: Lane
  readonly index: number
  readonly layout: Layout
  readonly isLive: boolean
  readonly isStart: boolean
}) => {
  const y = layout.y(index)
  const thick = lane.ids.length > 1 ? " thick" : ""
  return (
    <g className="lane-line" data-lane={lane.id}>
      {lane.spans.flatMap((span) =>
        pieces(span, layout, isLive).map(({ a, b, isLater }) => (
          <path
            key={`${span.from} ${a}`}
            className={
              span.whose === undefined
                ? "hold"
                : `lane s-${hueOf(span.whose)}${thick}${isLater ? " then" : ""}`
            }
            d={`M${a},${y}H${b}`}
          />
        )),
      )}
      {lane.ticks.length > 0 && (
        <path
          className={`tick s-${hueOf(lane.whose)}`}
          d={lane.ticks.map((place) => `M${layout.x(place).toFixed(1)},${y - 7}v4`).join("")}
        />
      )}
      {beginnings(lane, isStart).map(({ from, whose }) => (
        <circle
          key={from}
          className={`dot s-${hueOf(whose)}${!isLive && from > layout.at ? " later" : ""}`}
          cx={layout.x(from)}
          cy={y}
          r="5"
        />
      ))}
      {endings(lane, layout.columns).map((column) => (
        <path
          key={column}
          className={`gone${!isLive && column > layout.at ? " later" : ""}`}
          d={`M${layout.x(column) - 5},${y - 5}l10,10m0,-10l-10,10`}
        />
      ))}
    </g>
  )
}

const Refused = ({ join, layout }: { readonly join: Join; readonly layout: Layout }) => {
  const [x, a, b] = [layout.x(join.column), layout.y(join.from), layout.y(join.to)]
  const middle = (a + b) / 2
  return (
    <g className={join.column > layout.at ? "later" : ""}>
      <path className="join refused" strokeDasharray="3 4" d={`M${x},${a}V${b}`} />
      <path className="join refused cross" d={`M${x - 5},${middle - 5}l10,10m0,-10l-10,10`} />
    </g>
  )
}

const Joined = ({
  join,
  layout,
  parts,
}: {
  readonly join: Join
  readonly layout: Layout
  readonly parts: Parts | undefined
}) => {
  const [x, a, b] = [layout.x(join.column), layout.y(join.from), layout.y(join.to)]
  const isLater = join.column > layout.at
  return (
    <g className={isLater ? "later" : ""}>
      {parts && <path className="join weak" d={`M${x},${a}V${b}`} />}
      <path className={`join s-${hueOf(join.whose)}`} d={`M${x},${a}V${b}`} />
      <path className="merge-mark" d={`M${x},${b - 7}l7,7l-7,7l-7,-7z`} />
      {parts && (
        <text className="part" x={x + 11} y={(a + b) / 2 + 4}>
          {`${parts[0]} | ${parts[1]}`}
        </text>
      )}
    </g>
  )
}

const headOf = ({ from, to, count, time, waited }: Column): readonly [string, string] =>
  count > 1
    ? [`${positionText(from)} to ${positionText(to)}`, `${numberText(count)} times`]
    : [positionText(from), waited === undefined ? shortText(time) : `+${durationText(waited)}`]

const Heads = ({
  columns,
  layout,
  onGo,
}: {
  readonly columns: ReadonlyArray<Column>
  readonly layout: Layout
  readonly onGo: (position: number) => void
}) =>
  columns.map((column, index) => {
    const [name, when] = headOf(column)
    const is = index === layout.at ? " is" : ""
    const middle = layout.x(index)
    return (
      <g key={`${column.from} ${column.to}`} className="column" onClick={() => onGo(column.to)}>
        <rect className="hit" x={middle - 28} y="0" width="56" height={layout.height} />
        <line className="col" x1={middle} x2={middle} y1="36" y2={layout.height - 4} />
        <text className={`head${is}`} x={middle} y="14" textAnchor="middle">
          {name}
        </text>
        <text className={`head${is}`} x={middle} y="28" textAnchor="middle">
          {when}
        </text>
      </g>
    )
  })

/** What a person would fall into without a link: 3 | 1. */
type Parts = readonly [number, number]

interface Props {
  readonly threads: Threads
  /** The weak links of the moment, by their positions. */
  readonly parts: ReadonlyMap<number, Parts>
  /** The column of the playhead. */
  readonly at: number
  readonly isLive: boolean
  readonly label: string
  readonly onGo: (position: number) => void
}

const useWidth = () => {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(600)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    setWidth(element.clientWidth)
    return () => observer.disconnect()
  }, [])
  return { box, width }
}

/** A lane an id, a column a change: equal steps, since a month in which nothing happened is not worth a centimetre. */
export const ThreadsDrawing = ({ threads, parts, at, isLive, label, onGo }: Props) => {
  const { box, width } = useWidth()
  const layout = layoutOf(threads, at, width)
  const now = layout.x(Math.max(0, at))
  useLayoutEffect(() => {
    const element = box.current
    // The playhead's column is in sight on a narrow screen, too.
    if (
      element !== null &&
      (now < element.scrollLeft + 40 || now > element.scrollLeft + width - 50)
    ) {
      element.scrollLeft = now - width + 80
    }
  }, [box, now, width])
  const starts = new Set(
    threads.joins
      .filter(({ isRefused }) => !isRefused)
      .flatMap(({ from, to, column }) => {
        // Of two that were new at once, one is where the other began.
        const isOlder = (lane: number) => (threads.lanes[lane]?.spans[0]?.from ?? column) < column
        return isOlder(from) ? [`${to} ${column}`] : [`${from} ${column}`]
      }),
  )
  return (
    <div className="threads" ref={box} role="img" aria-label={label} tabIndex={0}>
      <svg width={Math.max(layout.end + 8, 0)} height={layout.height} aria-hidden="true">
        {at >= 0 && (
          <rect className="now" x={now - 30} y="0" width="60" height={layout.height} rx="6" />
        )}
        <Heads columns={threads.columns} layout={layout} onGo={onGo} />
        {threads.lanes.map((lane, index) => (
          <LaneLine
            key={lane.id}
            lane={lane}
            index={index}
            layout={layout}
            isLive={isLive}
            isStart={!starts.has(`${index} ${lane.spans[0]?.from}`)}
          />
        ))}
        {threads.joins.map((join) =>
          join.isRefused ? (
            <Refused key={`${join.column} ${join.from} ${join.to}`} join={join} layout={layout} />
          ) : (
            <Joined
              key={`${join.column} ${join.from} ${join.to}`}
              join={join}
              layout={layout}
              parts={parts.get(join.position)}
            />
          ),
        )}
      </svg>
    </div>
  )
}
