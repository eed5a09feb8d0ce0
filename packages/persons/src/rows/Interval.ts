import type { Position } from "@onymous/identity/event/Position"

/** A row holds from position `from` until just before `to`, which is null while the row still holds. */
export interface Interval {
  readonly from: Position
  readonly to: Position | null
}

/** False for a row that held at no position, because one event made and ended it: it is not stored. */
export const lasted = ({ from, to }: Interval): boolean => from !== to

/** A row that is still being written. */
export type Open<A> = { -readonly [K in keyof A]: A[K] }

/** Ends a row, and keeps it unless it held at no position. */
export const end = <A extends Open<Interval>>(ended: Array<A>, row: A, to: Position): void => {
  row.to = to
  if (lasted(row)) ended.push(row)
}

/** True for a row that held at a position. */
export const holdsAt = ({ from, to }: Interval, position: number): boolean =>
  from <= position && (to === null || to > position)

/** The row that held at a position, out of rows in order of which no two hold at once. */
export const rowAt = <A extends Interval>(
  rows: ReadonlyArray<A> | undefined,
  position: number,
): A | undefined => {
  let [low, high] = [0, rows?.length ?? 0]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows?.[middle]?.from ?? 0) <= position) low = middle + 1
    else high = middle
  }
  const row = rows?.[low - 1]
  return row !== undefined && holdsAt(row, position) ? row : undefined
}
