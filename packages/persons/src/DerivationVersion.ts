/**
 * By which rules, and into which tables, persons are derived. Whoever changes either raises it, because a
 * database in which an earlier version derived something has all of that dropped and derived again.
 */
export const version = 9
