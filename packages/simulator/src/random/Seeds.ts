/**
 * How far the laws look. By default they try the same logs every time; `ONYMOUS_RUNS` says how many logs
 * each law tries, and `ONYMOUS_SEED` which one is the first, so that a longer run can look further.
 */

/** A whole number of the environment. */
const numberOf = (name: string): number | undefined => {
  const text = process.env[name]
  if (text === undefined || text === "") return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is ${text}: expected a whole number.`)
  return Number(text)
}

/** The seeds of the logs that a law tries, one after the other. */
export const seeds = (runs: number, first = 1): ReadonlyArray<number> => {
  const from = numberOf("ONYMOUS_SEED") ?? first
  return Array.from({ length: numberOf("ONYMOUS_RUNS") ?? runs }, (_, index) => from + index)
}

/** The same for a law that has its inputs made for it: without a seed, others every time. */
export const options = (runs: number): { readonly runs: number; readonly seed?: number } => {
  const seed = numberOf("ONYMOUS_SEED")
  return { runs: numberOf("ONYMOUS_RUNS") ?? runs, ...(seed !== undefined && { seed }) }
}
