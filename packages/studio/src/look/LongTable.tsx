import { type ReactNode, useState } from "react"

interface Props<Row> {
  readonly label: string
  readonly heads: ReactNode
  readonly rows: ReadonlyArray<Row>
  readonly keyOf: (row: Row) => string
  readonly cells: (row: Row) => ReactNode
  readonly className?: string
}

/** Up to so many rows are all on the page. */
const allMax = 60

/** A row of one line is so high, in pixels. */
const rowHeight = 36

/** Rows kept on either side of what is in sight, so that a quick finger meets no gap. */
const beyond = 12

/** A long table shows 480 pixels of itself. */
const inSight = Math.ceil(480 / rowHeight)

/** Which rows are on the page, by how many are scrolled past. */
const windowOf = (count: number, past: number): readonly [number, number] => {
  if (count <= allMax) return [0, count]
  // A filter may have left fewer rows than were scrolled past.
  const first = Math.min(past, count - inSight)
  return [Math.max(0, first - beyond), Math.min(count, first + inSight + beyond)]
}

const Gap = ({ rows }: { readonly rows: number }) =>
  rows > 0 && (
    <tr aria-hidden="true">
      <td style={{ height: rows * rowHeight, padding: 0, border: 0 }} />
    </tr>
  )

/** A table of however many rows: only those in sight are on the page. */
export const LongTable = <Row,>({
  label,
  heads,
  rows,
  keyOf,
  cells,
  className = "",
}: Props<Row>) => {
  const [past, setPast] = useState(0)
  const [first, end] = windowOf(rows.length, past)
  return (
    <div
      className={rows.length > allMax ? "scroll tall" : "scroll"}
      onScroll={({ currentTarget }) => setPast(Math.floor(currentTarget.scrollTop / rowHeight))}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table className={className} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>{heads}</tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {rows.slice(first, end).map((row, index) => (
            <tr key={keyOf(row)} aria-rowindex={first + index + 2}>
              {cells(row)}
            </tr>
          ))}
          <Gap rows={rows.length - end} />
        </tbody>
      </table>
    </div>
  )
}
