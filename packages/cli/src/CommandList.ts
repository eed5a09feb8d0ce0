/** Every command with its line in the list, and its module. */
export const commands = [
  {
    name: "serve",
    description: "Take events and answer questions",
    load: async () => (await import("./commands/serve/serve.ts")).serve,
  },
  {
    name: "demo",
    description: "Load a small shop's week into an empty log, and say where to look",
    load: async () => (await import("./commands/log/demo.ts")).demo,
  },
  {
    name: "keys",
    description: "Show the secret keys of a project by name, make or end one",
    load: async () => (await import("./commands/serve/keys.ts")).keys,
  },
  {
    name: "replay",
    description: "Fold a file of events in memory and show what it comes to",
    load: async () => (await import("./commands/log/replay.ts")).replay,
  },
  {
    name: "rebuild",
    description: "Derive persons and warnings anew from the log",
    load: async () => (await import("./commands/serve/rebuild.ts")).rebuild,
  },
  {
    name: "persons",
    description: "Show persons",
    load: async () => (await import("./commands/persons/persons.ts")).persons,
  },
  {
    name: "events",
    description: "Show events, each with its person",
    load: async () => (await import("./commands/persons/events.ts")).events,
  },
  {
    name: "person",
    description: "Split, merge, edit or delete a person",
    load: async () => (await import("./commands/persons/person.ts")).person,
  },
  {
    name: "warnings",
    description: "Show why events were not applied as asked",
    load: async () => (await import("./commands/persons/warnings.ts")).warnings,
  },
  {
    name: "waiting",
    description: "Show the events that wait in the buffer",
    load: async () => (await import("./commands/persons/waiting.ts")).waiting,
  },
  {
    name: "status",
    description: "Show how far the persons are behind the log",
    load: async () => (await import("./commands/persons/status.ts")).status,
  },
  {
    name: "projects",
    description: "List the projects",
    load: async () => (await import("./commands/persons/projects.ts")).projects,
  },
  {
    name: "policy",
    description: "Show the rules of a project, or change them",
    load: async () => (await import("./commands/persons/policy.ts")).policy,
  },
  {
    name: "operations",
    description: "Show what operators did, who and why",
    load: async () => (await import("./commands/persons/operations.ts")).operations,
  },
  {
    name: "why",
    description: "Say why two ids are one person, or what kept them apart",
    load: async () => (await import("./commands/past/why.ts")).why,
  },
  {
    name: "trace",
    description: "Show what the rules made of an event, check by check",
    load: async () => (await import("./commands/past/trace.ts")).trace,
  },
  {
    name: "history",
    description: "Show every change of an id's person, each with its cause",
    load: async () => (await import("./commands/past/history.ts")).history,
  },
  {
    name: "diff",
    description: "Show what changed between two points",
    load: async () => (await import("./commands/past/diff.ts")).diff,
  },
  {
    name: "bisect",
    description: "Find the first position at which something was true",
    load: async () => (await import("./commands/past/bisect.ts")).bisect,
  },
  {
    name: "what-if",
    description: "Show what would be different; nothing is written",
    load: async () => (await import("./commands/past/whatIf.ts")).whatIf,
  },
  {
    name: "retract",
    description: "Undo an event from here on; the log and the past stay as they are",
    load: async () => (await import("./commands/past/retract.ts")).retract,
  },
  {
    name: "verify",
    description: "Replay everything and compare it with what is stored",
    load: async () => (await import("./commands/serve/verify.ts")).verify,
  },
  {
    name: "doctor",
    description: "Say what is wrong with a database or a server, and what to do",
    load: async () => (await import("./commands/serve/doctor.ts")).doctor,
  },
  {
    name: "schema",
    description: "Print the SQL of the tables, for an administrator of Postgres",
    load: async () => (await import("./commands/serve/schema.ts")).schema,
  },
  {
    name: "tail",
    description: "Show events as they come",
    load: async () => (await import("./commands/log/tail.ts")).tail,
  },
  {
    name: "import",
    description: "Append a file of events to the log",
    load: async () => (await import("./commands/log/import.ts")).importFile,
  },
  {
    name: "export",
    description: "Write the log as NDJSON",
    load: async () => (await import("./commands/log/export.ts")).exportLog,
  },
] as const
