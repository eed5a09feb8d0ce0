import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { Former, Migrations } from "@onymous/database/Migrations"
import log from "../migrations/0001_log.ts"
import seals from "../migrations/0002_seals.ts"
import keys from "../migrations/0003_keys.ts"
import acts from "../migrations/0004_acts.ts"
import inbox from "../migrations/0005_inbox.ts"
import drain from "../migrations/0006_drain.ts"

/** The three steps that `0001_log` replaces. Events are kept, and a log with the last of these steps needs no upgrade. */
const former: Former = {
  table: "log_migrations",
  names: ["0001_events", "0002_past", "0003_bytes"],
  bring: Effect.fnUntraced(function* (done) {
    if (done.has("0003_bytes")) return
    const sql = yield* SchemaClient
    yield* sql`create index if not exists events_policy on ${sql.ours("events")} (project_id, position)
      where kind = 'policy_changed'`
    yield* sql`create index if not exists events_source_id on ${sql.ours("events")} (source_id, project_id, position)
      where source_id is not null`
    yield* sql`alter table ${sql.ours("projects")} alter column id type text collate "C"`
    yield* sql`alter table ${sql.ours("events")} alter column project_id type text collate "C",
      alter column distinct_id type text collate "C", alter column source_id type text collate "C"`
  }),
}

/** The tables of the log. */
export const migrations: Migrations = {
  table: "log_migrations",
  makes: ["projects", "events", "project_keys", "event_inbox"],
  steps: {
    "0001_log": log,
    "0002_seals": seals,
    "0003_keys": keys,
    "0004_acts": acts,
    "0005_inbox": inbox,
    "0006_drain": drain,
  },
  former: [former],
}
