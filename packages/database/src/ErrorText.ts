/** How many causes are told: one may be its own. */
const depthMax = 5

/** What an error says, and then what caused it: a database's own words come last. */
export const causeText = (error: unknown): string => {
  const texts = new Set<string>()
  let at = error
  for (let depth = 0; depth < depthMax && at instanceof Error; depth++) {
    texts.add(at.message)
    at = at.cause
  }
  return texts.size === 0 ? String(error) : [...texts].join(": ")
}
