/** The default schema. */
export const byDefault = "onymous"

/** The longest name that Postgres does not cut. */
const lengthMax = 63

/** What the name of a schema has to be, in words. */
export const expected = `a name of at most ${lengthMax} of a-z, 0-9 and _, not beginning with a digit or pg_, and not information_schema`

/** True for a name that needs no quotes in a statement; Postgres reserves `information_schema`, and `pg_…`. */
export const isName = (name: string): boolean =>
  /^[a-z_][a-z0-9_]*$/.test(name) &&
  name.length <= lengthMax &&
  !/^(pg_|information_schema$)/.test(name)
