import type { Structure, Unique } from "@onymous/database/structure/Structure"

/** Without these indexes, an append records an event twice. */
export const uniquesOfEvents: ReadonlyArray<Unique> = [
  { name: "events_pkey", table: "events", columns: ["project_id", "position"], isPrimary: true },
  { name: "events_uuid", table: "events", columns: ["uuid", "project_id"] },
]

/** What the steps of the log come to. */
export const structure: Structure = {
  tables: ["projects", "events", "project_keys", "event_inbox"],
  uniques: [
    ...uniquesOfEvents,
    { name: "projects_pkey", table: "projects", columns: ["id"], isPrimary: true },
    { name: "projects_token_key", table: "projects", columns: ["token"] },
    {
      name: "project_keys_name",
      table: "project_keys",
      columns: ["project_id", "name"],
      where: "ended_at is null",
    },
    {
      name: "event_inbox_pkey",
      table: "event_inbox",
      columns: ["project_id", "id"],
      isPrimary: true,
    },
  ],
}
