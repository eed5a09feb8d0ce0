import { Console, Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { randomUUID } from "node:crypto"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import * as Commands from "@onymous/identity/event/OperatorCommand"
import type { Json } from "@onymous/identity/encoding/Json"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { catchUp, projectNow } from "../../CaughtUp.ts"
import { database, json, type Location, onDatabase, project } from "../../flags/DatabaseFlags.ts"
import { WrongUse } from "../../CommandError.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const common = {
  distinctId: Argument.String("distinct-id").pipe(
    Argument.withDescription("Any distinct id of the person"),
  ),
  ...database,
  project,
  by: optional("by", "Who does it"),
  reason: optional("reason", "Why"),
  json,
}

interface Given extends Location {
  readonly distinctId: string
  readonly project: ProjectId
  readonly by: Option.Option<string>
  readonly reason: Option.Option<string>
  readonly json: boolean
}

/**
 * Waits until the persons have caught up, appends an operator's act, and waits until they show it.
 */
const operate = Effect.fnUntraced(function* (
  api: Commands.Name,
  given: Given,
  more: Readonly<Record<string, Json>> = {},
) {
  const [by, reason] = [Option.getOrNull(given.by), Option.getOrNull(given.reason)]
  const body = { api, distinct_id: given.distinctId, by, reason, ...more }
  const decoded = Commands.decode(body, randomUUID())
  if (Result.isFailure(decoded)) {
    const { field, expected } = decoded.failure
    return yield* new WrongUse({ message: `${field}: expected ${expected}` })
  }
  const program = Effect.gen(function* () {
    yield* catchUp(given.project)
    const act = yield* (yield* OperatorActions).operate(given.project, decoded.success)
    yield* projectNow(given.project)
    return act
  })
  const act = yield* onDatabase(given, program)
  yield* Console.log(
    given.json
      ? JSON.stringify(ProjectForms.act(act))
      : `Recorded at position ${act.position}, as event ${act.uuid}.`,
  )
})

const split = Command.make(
  "split",
  {
    ...common,
    main: optional("main", "The id that keeps the person; the first by default"),
    only: Flag.String("only").pipe(
      Flag.withDescription("An id that leaves; all but the main one by default; may be repeated"),
      Flag.atLeast(0),
    ),
  },
  (given) =>
    operate("persons.split", given, {
      main_distinct_id: Option.getOrNull(given.main),
      distinct_ids_to_split: given.only.length === 0 ? null : given.only,
    }),
).pipe(
  Command.withDescription("Make persons of the distinct ids of one"),
  Command.withExamples([
    { command: "onymous person split alice", description: "Each id becomes a person." },
    {
      command: "onymous person split alice --only tablet",
      description: "The tablet leaves, the other ids stay together.",
    },
  ]),
)

const remove = Command.make("delete", common, (given) => operate("persons.delete", given)).pipe(
  Command.withDescription("Delete a person for good"),
  Command.withExamples([
    {
      command: "onymous person delete alice",
      description: "Her ids start afresh when seen again.",
    },
    { command: "onymous person delete alice --by ann --reason asked", description: "Says why." },
  ]),
)

const merge = Command.make(
  "merge",
  {
    ...common,
    source: Argument.String("source").pipe(
      Argument.withDescription("An id of the person that is merged into it"),
    ),
  },
  (given) => operate("persons.merge", given, { alias: given.source }),
).pipe(
  Command.withDescription("Merge two persons on purpose, whatever is identified"),
  Command.withExamples([
    {
      command: 'onymous person merge alice bob --by ann --reason "one customer"',
      description: "Bob's ids join Alice's person.",
    },
    {
      command: "onymous person merge alice bob --by ann --reason twins --json",
      description: "Prints the position of the event, which can be retracted.",
    },
  ]),
)

const edit = Command.make(
  "edit",
  {
    ...common,
    properties: Argument.String("properties").pipe(
      Argument.withDescription("Properties to set, as a JSON object"),
    ),
  },
  (given) =>
    Effect.flatMap(parse(given.properties), (properties) =>
      operate("persons.patch", given, { properties }),
    ),
).pipe(
  Command.withDescription("Set and delete properties of a person"),
  Command.withExamples([
    {
      command: `onymous person edit alice '{"plan":"pro"}'`,
      description: "Sets a property.",
    },
    {
      command: "onymous person edit alice --unset plan --unset trial",
      description: "Deletes two of them.",
    },
  ]),
)

const parse = (text: string): Effect.Effect<Json, WrongUse> =>
  Effect.try({
    try: (): Json => ExactJson.parse(text),
    catch: () => new WrongUse({ message: "properties: expected a JSON object" }),
  })

/** The acts of an operator on one person: each becomes an event in the log. */
export const person = Command.make("person").pipe(
  Command.withDescription("Split, merge, edit or delete a person"),
  Command.withSubcommands([split, merge, edit, remove]),
)
