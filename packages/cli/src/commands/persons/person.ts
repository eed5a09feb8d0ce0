import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type * as ProjectForms from "@onymous/api/forms/ProjectForms"
import { acts } from "@onymous/identity/event/OperatorCommand"
import type { Json } from "@onymous/identity/encoding/Json"
import * as ActBody from "../../asking/ActBody.ts"
import { answer, type Asked } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { WrongUse } from "../../CommandError.ts"
import { idArgument } from "../../flags/DistinctIds.ts"
import { acting, type Given as Acting } from "../../flags/SourceFlags.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const common = {
  distinctId: idArgument("distinct-id", "Any distinct id of the person"),
  ...acting,
  by: optional("by", "Who does it"),
  reason: optional("reason", "Why"),
}

interface Given extends Acting {
  readonly distinctId: string
  readonly by: Option.Option<string>
  readonly reason: Option.Option<string>
}

const names = named({
  distinct_id: "DISTINCT-ID",
  alias: "SOURCE",
  properties: "PROPERTIES",
  $unset: "--unset",
  main_distinct_id: "--main",
  distinct_ids_to_split: "--only",
})

/** The fields that every act has. */
const commonBody = ({ distinctId, by, reason }: Given) => ({
  distinct_id: distinctId,
  by: Option.getOrNull(by),
  reason: Option.getOrNull(reason),
})

/** Does an act, and waits until the persons show it. */
const operate = (
  given: Given,
  act: (asked: Asked) => Effect.Effect<typeof ProjectForms.Act.Type, unknown>,
) =>
  answer(given, {
    question: (asked) => Effect.tap(act(asked), ({ position }) => asked.settled(position)),
    text: ({ position, event_uuid }) => [
      `Recorded at position ${position}, as event ${event_uuid}.`,
    ],
    isAct: true,
    names,
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
  Effect.fn(function* (given) {
    const body = {
      ...commonBody(given),
      main_distinct_id: Option.getOrNull(given.main),
      distinct_ids_to_split: given.only.length === 0 ? null : given.only,
    }
    const payload = yield* ActBody.read(acts["persons.split"].body, body, names)
    yield* operate(given, ({ operations, params }) =>
      operations.split({ params, query: {}, payload }),
    )
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

const remove = Command.make(
  "delete",
  common,
  Effect.fn(function* (given) {
    const payload = yield* ActBody.read(acts["persons.delete"].body, commonBody(given), names)
    yield* operate(given, ({ operations, params }) =>
      operations.delete({ params, query: {}, payload }),
    )
  }),
).pipe(
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
    source: idArgument("source", "An id of the person that is merged into it"),
  },
  Effect.fn(function* (given) {
    const body = { ...commonBody(given), alias: given.source }
    const payload = yield* ActBody.read(acts["persons.merge"].body, body, names)
    yield* operate(given, ({ operations, params }) =>
      operations.merge({ params, query: {}, payload }),
    )
  }),
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
      Argument.optional,
    ),
    unset: Flag.String("unset").pipe(
      Flag.withDescription("A property to delete; may be repeated"),
      Flag.atLeast(0),
    ),
  },
  Effect.fn(function* (given) {
    const { properties, unset } = given
    if (Option.isSome(properties)) return yield* patch(given, properties.value, unset)
    if (unset.length === 0) {
      return yield* new WrongUse({
        message: "PROPERTIES or --unset: expected one of them, or both",
      })
    }
    const body = { ...commonBody(given), $unset: unset }
    const payload = yield* ActBody.read(acts["persons.delete_property"].body, body, names)
    yield* operate(given, ({ operations, params }) =>
      operations.deleteProperty({ params, query: {}, payload }),
    )
  }),
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

const patch = Effect.fnUntraced(function* (
  given: Given,
  properties: string,
  unset: ReadonlyArray<string>,
) {
  const body = {
    ...commonBody(given),
    properties: yield* parse(properties),
    $unset: unset.length === 0 ? null : unset,
  }
  const payload = yield* ActBody.read(acts["persons.patch"].body, body, names)
  yield* operate(given, ({ operations, params }) =>
    operations.patch({ params, query: {}, payload }),
  )
})

const parse = (text: string): Effect.Effect<Json, WrongUse> =>
  Effect.try({
    try: (): Json => ExactJson.parse(text),
    catch: () => new WrongUse({ message: "PROPERTIES: expected a JSON object" }),
  })

/** The acts of an operator on one person: each becomes an event in the log. */
export const person = Command.make("person").pipe(
  Command.withDescription("Split, merge, edit or delete a person"),
  Command.withSubcommands([split, merge, edit, remove]),
)
