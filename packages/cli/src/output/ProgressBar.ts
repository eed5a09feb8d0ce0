/** Short, so that the rest of the line still fits at ten million events. */
const barLength = 12

/** The progress of this process: its count, its starting point and its starting time. */
export interface Pace {
  readonly done: number
  readonly from: number
  /** Milliseconds, on the same clock as `now`. */
  readonly since: number
}

/** The pace at the start; another process did the work before `from`. */
export const start = (now: number, from = 0): Pace => ({ done: 0, from, since: now })

/** The pace after progress; work of another process does not count. */
export const advance = ({ done: before, from, since }: Pace, done: number, now: number): Pace => {
  const isAnew = done < before
  return { done, from: isAnew ? done : from, since: isAnew || done <= from ? now : since }
}

const count = (value: number): string => value.toLocaleString("en-US")

/**
 * A line of progress, drawn over itself: `unit` names what is counted; without a known total it has
 * no bar.
 */
export const bar = (
  { done, from, since }: Pace,
  all: number | undefined,
  now: number,
  unit: string,
): string => {
  const rate = Math.max(0, done - from) / Math.max(0.001, (now - since) / 1000)
  const speed = rate === 0 ? "?/s" : `${count(Math.round(rate))}/s`
  if (all === undefined) return `${unit} ${count(done)}  ${speed}`
  const share = all === 0 ? 1 : Math.min(1, done / all)
  const filled = Math.floor(share * barLength)
  const drawing = `[${"#".repeat(filled)}${".".repeat(barLength - filled)}]`
  const left =
    done < all && rate === 0 ? "?" : count(Math.ceil(Math.max(0, all - done) / rate || 0))
  const parts = [
    `${drawing} ${Math.floor(share * 100)} %`,
    `${unit} ${count(done)} of ${count(all)}`,
  ]
  return [...parts, speed, `${left} s left`].join("  ")
}

/** Draws a line over the last one, on a terminal only. */
export const draw = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

/** Ends the drawn line. */
export const endLine = (): void => {
  if (process.stderr.isTTY) process.stderr.write("\n")
}
