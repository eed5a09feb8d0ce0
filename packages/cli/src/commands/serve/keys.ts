import { Console, Effect, type Option } from "effect"
import { Argument, Command } from "effect/cli"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, projectNotFound } from "@onymous/log/EventLog"
import * as Keys from "@onymous/server/access/Keys"
import { SaysNo, WrongUse } from "../../CommandError.ts"
import { database, json, onDatabase, project, projectIn } from "../../flags/DatabaseFlags.ts"
import * as Answer from "../../output/Answer.ts"
import { table } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

const common = { ...database, project, json }

const name = Argument.String("name").pipe(
  Argument.withDescription("Name of the key: who has it, or what it is for"),
)

const found = Effect.fnUntraced(function* (wanted: Option.Option<ProjectId>) {
  const id = yield* projectIn(wanted)
  const known = yield* (yield* EventLog).project(id)
  return known === undefined ? yield* projectNotFound(id) : known
})

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

const list = Effect.fnUntraced(function* (wanted: Option.Option<ProjectId>, asJson: boolean) {
  const project = yield* found(wanted)
  const keys = yield* (yield* EventLog).keys(project.id)
  yield* Answer.print(ProjectForms.keys(project, keys), asJson, print)
})

const make = Command.make("make", { ...common, name }, (given) =>
  Effect.gen(function* () {
    const { name } = given
    if (!Keys.isName(name)) {
      return yield* new WrongUse({ message: `NAME: expected ${Keys.nameExpected}` })
    }
    const key = Keys.random()
    const added = Effect.gen(function* () {
      const { id } = yield* found(given.project)
      const wanted = { project: id, name, hash: Keys.hash(key), where: "name is free" } as const
      return { id, isAdded: yield* (yield* EventLog).addKey(wanted) }
    })
    const { id, isAdded } = yield* onDatabase(given, added)
    if (!isAdded) {
      const message = `Project ${id} has a key ${name}: end it, or give the new one another name.`
      return yield* new SaysNo({ message })
    }
    yield* Console.log(
      given.json
        ? JSON.stringify({ project: id, name, key })
        : `Secret key ${name} of project ${id}, for the API, shown this once:  ${key}`,
    )
  }),
).pipe(Command.withDescription("Make a key, and show it this once"))

const end = Command.make("end", { ...common, name }, (given) =>
  Effect.gen(function* () {
    const { name } = given
    const ended = Effect.gen(function* () {
      const { id } = yield* found(given.project)
      const log = yield* EventLog
      const isEnded = yield* log.endKey(id, name)
      return { id, isEnded, holding: (yield* log.keyHashes(id))?.length ?? 0 }
    })
    const { id, isEnded, holding } = yield* onDatabase(given, ended)
    if (!isEnded) {
      return yield* new SaysNo({ message: `Project ${id} has no key ${name} that holds.` })
    }
    const none = holding === 0 ? " No key of it holds now: serve makes one when it starts." : ""
    yield* Console.log(
      given.json
        ? JSON.stringify({ project: id, name, holding })
        : `The key ${name} of project ${id} opens nothing any more.${none}`,
    )
  }),
).pipe(Command.withDescription("End a key: from then on it opens nothing"))

/** The secret keys of a project, by name; the keys themselves are stored as hashes alone. */
export const keys = Command.make("keys", common, (given) =>
  onDatabase(given, list(given.project, given.json)),
).pipe(
  Command.withDescription("Show the secret keys of a project by name, make or end one"),
  Command.withSubcommands([make, end]),
)
