import init from "./migrations/0001_events.ts"

/** The migrations of the log's tables, by name, to be run once each in that order. */
export const migrations = { "0001_events": init }
