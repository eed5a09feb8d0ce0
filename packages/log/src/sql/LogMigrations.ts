import init from "../migrations/0001_events.ts"
import past from "../migrations/0002_past.ts"
import bytes from "../migrations/0003_bytes.ts"

/** The migrations of the log's tables, by name, to be run once each in that order. */
export const migrations = { "0001_events": init, "0002_past": past, "0003_bytes": bytes }
