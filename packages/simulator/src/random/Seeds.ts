/**
 * The seeds of the laws. By default a law tries the same logs every time; `ONYMOUS_RUNS` sets the number of
 * logs, and `ONYMOUS_SEED` the first of them, so that a longer run can look further.
 */

/** A whole number from the environment. */
const numberOf = (name: string): number | undefined => {
  const text = process.env[name]
  if (text === undefined || text === "") return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is ${text}: expected a whole number.`)
  return Number(text)
}

/** The seeds of the logs that a law tries, in order. */
export const seeds = (runs: number, first = 1): ReadonlyArray<number> => {
  const from = numberOf("ONYMOUS_SEED") ?? first
  return Array.from({ length: numberOf("ONYMOUS_RUNS") ?? runs }, (_, index) => from + index)
}

/**
 * The runs and the seed of a law with generated inputs; without a seed, the inputs differ in every
 * run.
 */
export const options = (runs: number): { readonly runs: number; readonly seed?: number } => {
  const seed = numberOf("ONYMOUS_SEED")
  return { runs: numberOf("ONYMOUS_RUNS") ?? runs, ...(seed !== undefined && { seed }) }
}
