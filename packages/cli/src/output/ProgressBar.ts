/** Short, so that a line holds all the rest at ten million events too. */
const barLength = 12

/** How much is done, and from where on and since when it was this process that did it. */
export interface Pace {
  readonly done: number
  readonly from: number
  /** In milliseconds, on the clock that `now` is read from. */
  readonly since: number
}

/** Nothing is done yet here; what is there before `from` was done by another process. */
export const start = (now: number, from = 0): Pace => ({ done: 0, from, since: now })

/** The pace after more was done: work that another process had done counts for nothing. */
export const moved = ({ done: before, from, since }: Pace, done: number, now: number): Pace => {
  const isAnew = done < before
  return { done, from: isAnew ? done : from, since: isAnew || done <= from ? now : since }
}

const count = (value: number): string => value.toLocaleString("en-US")

/**
 * How far something is, as one line to be drawn over itself: `unit` names what is counted; where nobody
 * knows how much there is, it has no bar.
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

/** Draws a line over the last one, where somebody watches. */
export const draw = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

/** Ends the line that was drawn. */
export const drawn = (): void => {
  if (process.stderr.isTTY) process.stderr.write("\n")
}
