/** The schema in which Onymous keeps its tables where no other one is named. */
export const byDefault = "onymous"

/** How Postgres cuts longer names. */
const lengthMax = 63

/** What the name of a schema has to be. */
export const expected = `a name of at most ${lengthMax} of a-z, 0-9 and _, not beginning with a digit or pg_`

/** True for a name that stands in a statement as it is; Postgres keeps those with `pg_` for itself. */
export const isName = (name: string): boolean =>
  /^[a-z_][a-z0-9_]*$/.test(name) && name.length <= lengthMax && !name.startsWith("pg_")
