/**
 * Which rules and rows a derivation was made by. It is raised with each change of either, so that what an
 * older program has half made is made anew, and not gone on with.
 */
export const version = 4
