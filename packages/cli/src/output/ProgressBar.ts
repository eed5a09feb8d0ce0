/** The length of the bar, short enough for the rest of the line to fit at ten million events. */
const barLength = 8

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

/** The unit of a step's count. */
interface Unit {
  readonly name: string
  readonly size: number
}

export const events: Unit = { name: "events", size: 1 }

export const megabytes: Unit = { name: "MB", size: 1_000_000 }

/** A step of the work, with a unit if it is counted. */
export interface Step {
  readonly name: string
  readonly unit?: Unit
}

const shownIn = ({ size }: Unit, value: number): string => {
  const fractionDigits = size === 1 ? 0 : 1
  return (value / size).toLocaleString("en-US", {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  })
}

/**
 * A line of progress: the share, the count, the rate and the time left. Without a known total it has no bar, and without
 * a unit it names the step alone.
 */
export const bar = (
  { done, from, since }: Pace,
  all: number | undefined,
  now: number,
  { name, unit }: Step,
): string => {
  if (unit === undefined) return `${name} …`
  const rate = Math.max(0, done - from) / Math.max(0.001, (now - since) / 1000)
  const speed = rate === 0 ? "?/s" : `${shownIn(unit, rate)}/s`
  if (all === undefined) return `${name} ${shownIn(unit, done)} ${unit.name}  ${speed}`
  const share = all === 0 ? 1 : Math.min(1, done / all)
  const filled = Math.floor(share * barLength)
  const drawing = `[${"#".repeat(filled)}${".".repeat(barLength - filled)}]`
  const seconds = Math.ceil(Math.max(0, all - done) / rate || 0)
  const left = done < all && rate === 0 ? "?" : seconds.toLocaleString("en-US")
  const parts = [
    `${drawing} ${Math.floor(share * 100)} %`,
    `${name} ${shownIn(unit, done)}/${shownIn(unit, all)} ${unit.name}`,
  ]
  return [...parts, speed, `${left} s left`].join("  ")
}
