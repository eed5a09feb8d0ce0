import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import type * as ProjectForms from "@onymous/api/forms/ProjectForms"
import * as Keys from "@onymous/server/access/Keys"
import { answer } from "../../asking/Ask.ts"
import { SaysNo, WrongUse } from "../../CommandError.ts"
import { acting } from "../../flags/SourceFlags.ts"
import { table } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

const name = Argument.String("name").pipe(
  Argument.withDescription("Name of the key: who has it, or what it is for"),
)

const print = (
  { project, token, keys }: typeof ProjectForms.Keys.Type,
  width: Width,
): ReadonlyArray<string> => [
  `Token of project ${project}, public, for capture:  ${token}`,
  "",
  ...(keys.length === 0
    ? ["It has no secret key: `onymous keys make NAME` makes one."]
    : table(
        [{ name: "KEY" }, { name: "MADE" }, { name: "ENDED" }],
        keys.map(({ name, made_at, ended_at }) => [name, made_at, ended_at ?? ""]),
        width,
      )),
]

const isRefusal = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "InvalidQuestion"

/** Says no where the server refuses the name of a key, which is valid in form. */
const orSaysNo = <A>(answered: Effect.Effect<A, unknown>, message: string) =>
  Effect.mapError(answered, (error) => (isRefusal(error) ? new SaysNo({ message }) : error))

const make = Command.make("make", { ...acting, name }, (given) =>
  Effect.gen(function* () {
    const { name } = given
    if (!Keys.isName(name)) {
      return yield* new WrongUse({ message: `NAME: expected ${Keys.nameExpected}` })
    }
    yield* answer(given, {
      question: ({ keys, params }) =>
        orSaysNo(
          keys.make({ params, query: {}, payload: { name } }),
          `Project ${params.project} has a key ${name}: end it, or give the new one another name.`,
        ),
      text: ({ project, key }) => [
        `Secret key ${name} of project ${project}, for the API, shown this once:  ${key}`,
      ],
      waits: false,
    })
  }),
).pipe(Command.withDescription("Make a key, and show it this once"))

const noneHolds = " No key of it holds now: serve makes one when it starts."

const end = Command.make("end", { ...acting, name }, (given) => {
  const { name } = given
  return answer(given, {
    question: ({ keys, params }) =>
      orSaysNo(
        keys.end({ params, query: {}, payload: { name } }),
        `Project ${params.project} has no key ${name} that holds.`,
      ),
    text: ({ project, holding }) => [
      `The key ${name} of project ${project} opens nothing any more.${holding === 0 ? noneHolds : ""}`,
    ],
    waits: false,
  })
}).pipe(Command.withDescription("End a key: from then on it opens nothing"))

/** The secret keys of a project, by name; the keys themselves are stored as hashes alone. */
export const keys = Command.make("keys", acting, (given) =>
  answer(given, {
    question: ({ keys, params }) => keys.list({ params, query: {} }),
    text: print,
    waits: false,
  }),
).pipe(
  Command.withDescription("Show the secret keys of a project by name, make or end one"),
  Command.withSubcommands([make, end]),
)
