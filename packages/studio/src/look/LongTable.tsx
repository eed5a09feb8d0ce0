import { useVirtualizer } from "@tanstack/react-virtual"
import { type ReactNode, useRef } from "react"

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

const rowHeight = 36

/** A table of however many rows: only those in sight are on the page. */
export const LongTable = <Row,>({
  label,
  heads,
  rows,
  keyOf,
  cells,
  className = "",
}: Props<Row>) => {
  const box = useRef<HTMLDivElement>(null)
  const isLong = rows.length > allMax
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: isLong,
  })
  const items = virtual.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const shown = isLong
    ? items.flatMap(({ index }) => {
        const row = rows[index]
        return row === undefined ? [] : [{ row, index }]
      })
    : rows.map((row, index) => ({ row, index }))
  return (
    <div
      className={isLong ? "scroll tall" : "scroll"}
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table className={className} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>{heads}</tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr aria-hidden="true">
              <td style={{ height: before, padding: 0, border: 0 }} />
            </tr>
          )}
          {shown.map(({ row, index }) => (
            <tr key={keyOf(row)} aria-rowindex={index + 2}>
              {cells(row)}
            </tr>
          ))}
          {isLong && after > 0 && (
            <tr aria-hidden="true">
              <td style={{ height: after, padding: 0, border: 0 }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}
