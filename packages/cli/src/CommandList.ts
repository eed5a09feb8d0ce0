/** Every command with its line in the list, and its module. */
export const commands = [
  {
    name: "serve",
    description: "Take events and answer questions",
    examples: [
      {
        command: "onymous serve",
        description: "On the embedded database in .onymous, at port 8000.",
      },
      {
        command: "onymous serve --database-url postgres://localhost/app --port 9000",
        description: "On a Postgres server.",
      },
    ],
    load: async () => (await import("./commands/serve/serve.ts")).serve,
  },
  {
    name: "keys",
    description: "Show the secret keys of a project by name, make or end one",
    examples: [
      { command: "onymous keys --project shop", description: "Which keys open the project?" },
      {
        command: "onymous keys make backend --project shop",
        description: "Makes one, and shows it once.",
      },
    ],
    load: async () => (await import("./commands/serve/keys.ts")).keys,
  },
  {
    name: "replay",
    description: "Fold a file of events in memory and show what it comes to",
    examples: [
      { command: "onymous replay log.ndjson", description: "Who is who after these events?" },
      {
        command: "onymous replay log.ndjson --policy posthog --at 100 --json",
        description: "After the first 100 lines, by PostHog's rules of today.",
      },
    ],
    load: async () => (await import("./commands/log/replay.ts")).replay,
  },
  {
    name: "rebuild",
    description: "Derive persons and warnings anew from the log",
    examples: [
      { command: "onymous rebuild --gentle", description: "Beside a server that has other work." },
      {
        command: "onymous rebuild --all --verify-only",
        description: "Only compares, and ends with 1 where a project differs.",
      },
    ],
    load: async () => (await import("./commands/serve/rebuild.ts")).rebuild,
  },
  {
    name: "persons",
    description: "Show persons",
    examples: [
      { command: "onymous persons --distinct-id alice", description: "The person of an id." },
      {
        command: 'onymous persons --search example.com --at "2h ago"',
        description: "Those that had a text in their ids or properties two hours ago.",
      },
    ],
    load: async () => (await import("./commands/persons/persons.ts")).persons,
  },
  {
    name: "person",
    description: "Split, merge, edit or delete a person",
    examples: [
      {
        command: 'onymous person merge alice bob --by ann --reason "one customer"',
        description: "Bob's person becomes Alice's.",
      },
      {
        command: "onymous person delete alice --by ann --reason asked",
        description: "Deletes the person of an id for good.",
      },
    ],
    load: async () => (await import("./commands/persons/person.ts")).person,
  },
  {
    name: "warnings",
    description: "Show why events were not applied as asked",
    examples: [
      {
        command: "onymous warnings --distinct-id alice",
        description: "What was refused to an id, and the remedy.",
      },
      {
        command: "onymous warnings --type cannot_merge_already_identified",
        description: "The refusals of one kind.",
      },
    ],
    load: async () => (await import("./commands/persons/warnings.ts")).warnings,
  },
  {
    name: "waiting",
    description: "Show the events that wait in the buffer",
    examples: [
      { command: "onymous waiting", description: "What waits, and until when?" },
      {
        command: "onymous waiting --released --limit 20",
        description: "What released the others?",
      },
    ],
    load: async () => (await import("./commands/persons/waiting.ts")).waiting,
  },
  {
    name: "policy",
    description: "Show the rules of a project, or change them",
    examples: [
      { command: "onymous policy", description: "The rules that hold." },
      {
        command: "onymous policy --set buffer_enabled=false",
        description: "Changes one of them, from here on.",
      },
    ],
    load: async () => (await import("./commands/persons/policy.ts")).policy,
  },
  {
    name: "why",
    description: "Say why two ids are one person, or what kept them apart",
    examples: [
      {
        command: "onymous why alice bob",
        description: "The events that made them one person, or kept them apart.",
      },
      {
        command: "onymous why alice --property plan --at 2022-10-25",
        description: "The events that had set a property by that day.",
      },
    ],
    load: async () => (await import("./commands/past/why.ts")).why,
  },
  {
    name: "trace",
    description: "Show what the rules made of an event, check by check",
    examples: [
      { command: "onymous trace 42", description: "The checks of the event at a position." },
      {
        command: "onymous trace 42 --file log.ndjson",
        description: "The same of an exported log.",
      },
    ],
    load: async () => (await import("./commands/past/trace.ts")).trace,
  },
  {
    name: "history",
    description: "Show every change of an id's person, each with its cause",
    examples: [
      { command: "onymous history alice", description: "What happened to the person of an id." },
      { command: "onymous history alice --at 2022-10-25T12:00:00Z", description: "Up to a time." },
    ],
    load: async () => (await import("./commands/past/history.ts")).history,
  },
  {
    name: "diff",
    description: "Show what changed between two points",
    examples: [
      { command: 'onymous diff "2h ago"', description: "What changed in the last two hours." },
      {
        command: "onymous diff 100 200 --person alice",
        description: "What changed for one person between two positions.",
      },
    ],
    load: async () => (await import("./commands/past/diff.ts")).diff,
  },
  {
    name: "bisect",
    description: "Find the first position at which something was true",
    examples: [
      { command: "onymous bisect same alice bob", description: "Since when are they one person?" },
      {
        command: 'onymous bisect persons ">" 1000',
        description: "When was the thousandth person exceeded?",
      },
    ],
    load: async () => (await import("./commands/past/bisect.ts")).bisect,
  },
  {
    name: "what-if",
    description: "Show what would be different; nothing is written",
    examples: [
      {
        command: "onymous what-if --without UUID",
        description: "As if this event had never come.",
      },
      {
        command: "onymous what-if --policy buffer_enabled=false --from 0",
        description: "As if this rule had held from the beginning.",
      },
    ],
    load: async () => (await import("./commands/past/whatIf.ts")).whatIf,
  },
  {
    name: "retract",
    description: "Undo an event from here on; the log and the past stay as they are",
    examples: [
      {
        command: "onymous retract UUID --preview",
        description: "What would it change?",
      },
      {
        command: 'onymous retract UUID --by ann --reason "a shared tablet"',
        description: "Undoes it.",
      },
    ],
    load: async () => (await import("./commands/past/retract.ts")).retract,
  },
  {
    name: "verify",
    description: "Replay everything and compare it with what is stored",
    examples: [
      { command: "onymous verify", description: "Is what is stored what the log comes to?" },
      { command: "onymous verify --deep", description: "Compares every row of every table." },
    ],
    load: async () => (await import("./commands/serve/verify.ts")).verify,
  },
  {
    name: "tail",
    description: "Show events as they come",
    examples: [
      { command: "onymous tail", description: "Events from now on." },
      { command: "onymous tail --after 0 --limit 10 --json", description: "The first ten events." },
    ],
    load: async () => (await import("./commands/log/tail.ts")).tail,
  },
  {
    name: "import",
    description: "Append a file of events to the log",
    examples: [
      { command: "onymous import log.ndjson", description: "Appends what is not there yet." },
      { command: "zcat log.ndjson.gz | onymous import -", description: "Reads standard input." },
    ],
    load: async () => (await import("./commands/log/import.ts")).importFile,
  },
  {
    name: "export",
    description: "Write the log as NDJSON",
    examples: [
      { command: "onymous export --out log.ndjson", description: "Writes a file." },
      { command: "onymous export | onymous replay -", description: "What does the log come to?" },
    ],
    load: async () => (await import("./commands/log/export.ts")).exportLog,
  },
] as const
