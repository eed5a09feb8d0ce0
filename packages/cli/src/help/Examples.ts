import type { ExampleDoc } from "effect/cli/HelpDoc"

/** The examples of each command, because most help is shown without its module. */
export const examples: Readonly<Record<string, ReadonlyArray<ExampleDoc>>> = {
  serve: [
    {
      command: "onymous serve",
      description: "On the embedded database in .onymous, at port 8000.",
    },
    {
      command: "onymous serve --database-url postgres://localhost/app --port 9000",
      description: "On a Postgres server.",
    },
  ],
  demo: [
    {
      command: "onymous demo",
      description: "Into the server that runs on .onymous, or into .onymous itself.",
    },
    {
      command: "onymous demo --url http://127.0.0.1:8000 --key onk_…",
      description: "Into a running server, where nobody has sent an event yet.",
    },
  ],
  keys: [
    { command: "onymous keys --project shop", description: "Which keys open the project?" },
    {
      command: "onymous keys make backend --project shop",
      description: "Makes one, and shows it once.",
    },
  ],
  replay: [
    { command: "onymous replay log.ndjson", description: "Who is who after these events?" },
    {
      command: "onymous replay log.ndjson --policy posthog --at 100 --json",
      description: "After the first 100 lines, by PostHog's rules of today.",
    },
  ],
  rebuild: [
    { command: "onymous rebuild --gentle", description: "Beside a server that has other work." },
    {
      command: "onymous rebuild --all --verify-only",
      description: "Only compares, and ends with 1 where a project differs.",
    },
  ],
  persons: [
    { command: "onymous persons --distinct-id alice", description: "The person of an id." },
    {
      command: 'onymous persons --search example.com --at "2h ago"',
      description: "Those that had a text in their ids or properties two hours ago.",
    },
  ],
  events: [
    { command: "onymous events --distinct-id alice", description: "Those of Alice's person." },
    { command: "onymous events --limit 20 --json", description: "The newest of all." },
  ],
  person: [
    {
      command: 'onymous person merge alice bob --by ann --reason "one customer"',
      description: "Bob's person becomes Alice's.",
    },
    {
      command: "onymous person delete alice --by ann --reason asked",
      description: "Deletes the person of an id for good.",
    },
  ],
  warnings: [
    {
      command: "onymous warnings --distinct-id alice",
      description: "What was refused to an id, and the remedy.",
    },
    {
      command: "onymous warnings --type cannot_merge_already_identified",
      description: "The refusals of one kind.",
    },
  ],
  waiting: [
    { command: "onymous waiting", description: "What waits, and until when?" },
    {
      command: "onymous waiting --released --limit 20",
      description: "What released the others?",
    },
  ],
  status: [
    { command: "onymous status", description: "Of the database in .onymous." },
    {
      command: "onymous status --project shop --json",
      description: "Of one of several projects.",
    },
  ],
  projects: [
    { command: "onymous projects", description: "Those of the database in .onymous." },
    {
      command: "onymous projects --url http://127.0.0.1:8000 --key onk_…",
      description: "Those of a server, with the operator's key.",
    },
  ],
  policy: [
    { command: "onymous policy", description: "The rules that hold." },
    {
      command: "onymous policy --set buffer_enabled=false",
      description: "Changes one of them, from here on.",
    },
  ],
  operations: [
    { command: "onymous operations", description: "The newest acts, each with its uuid." },
    {
      command: "onymous operations --at 100 --json",
      description: "Those up to a position, as JSON.",
    },
  ],
  why: [
    {
      command: "onymous why alice bob",
      description: "The events that made them one person, or kept them apart.",
    },
    {
      command: "onymous why alice --property plan --at 2022-10-25",
      description: "The events that had set a property by that day.",
    },
  ],
  trace: [
    { command: "onymous trace 42", description: "The checks of the event at a position." },
    {
      command: "onymous trace 42 --file log.ndjson",
      description: "The same of an exported log.",
    },
  ],
  history: [
    { command: "onymous history alice", description: "What happened to the person of an id." },
    { command: "onymous history alice --at 2022-10-25T12:00:00Z", description: "Up to a time." },
  ],
  diff: [
    { command: 'onymous diff "2h ago"', description: "What changed in the last two hours." },
    {
      command: "onymous diff 100 200 --person alice",
      description: "What changed for one person between two positions.",
    },
  ],
  bisect: [
    { command: "onymous bisect same alice bob", description: "Since when are they one person?" },
    {
      command: 'onymous bisect persons ">" 1000',
      description: "When was the thousandth person exceeded?",
    },
  ],
  "what-if": [
    {
      command: "onymous what-if --without UUID",
      description: "As if this event had never come.",
    },
    {
      command: "onymous what-if --policy buffer_enabled=false --from 0",
      description: "As if this rule had held from the beginning.",
    },
  ],
  retract: [
    {
      command: "onymous retract UUID --preview",
      description: "What would it change?",
    },
    {
      command: 'onymous retract UUID --by ann --reason "a shared tablet"',
      description: "Undoes it.",
    },
  ],
  verify: [
    { command: "onymous verify", description: "Is what is stored what the log comes to?" },
    { command: "onymous verify --deep", description: "Compares every row of every table." },
  ],
  doctor: [
    { command: "onymous doctor", description: "Of the embedded database, or of who serves it." },
    {
      command: "onymous doctor --database-url postgres://localhost/app --json",
      description: "Of a Postgres server; ends with 1 where something is wrong.",
    },
  ],
  schema: [
    { command: "onymous schema", description: "What Onymous makes in a database." },
    {
      command: "onymous schema --role app > onymous.sql",
      description: 'For psql -f, by who may create; app then opens it with migrate: "check".',
    },
  ],
  tail: [
    { command: "onymous tail", description: "Events from now on." },
    { command: "onymous tail --after 0 --limit 10 --json", description: "The first ten events." },
  ],
  import: [
    { command: "onymous import log.ndjson", description: "Appends what is not there yet." },
    { command: "zcat log.ndjson.gz | onymous import -", description: "Reads standard input." },
  ],
  export: [
    { command: "onymous export --out log.ndjson", description: "Writes a file." },
    { command: "onymous export | onymous replay -", description: "What does the log come to?" },
  ],
}
