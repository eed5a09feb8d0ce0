import { Effect, Layer, Option, Result, Stream } from "effect"
import { Flag } from "effect/cli"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import { Persons } from "@onymous/persons/Persons"
import * as FileHistory from "@onymous/timetravel/history/FileHistory"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { NotUnderstood } from "@onymous/timetravel/history/Point"
import { layer as timeTravel, TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import { FileLog } from "@onymous/timetravel/replay/FileLog"
import { CouldNot, WrongUse } from "../CommandError.ts"
import { lines } from "../input/FileLines.ts"
import * as Answer from "../output/Answer.ts"
import { database, json, type Location, onDatabase, projectId } from "./DatabaseFlags.ts"

/** The flags that name the source of the past: a database, or a file as `replay` reads it. */
export const past = {
  ...database,
  file: Flag.String("file").pipe(
    Flag.withDescription("Ask a file of events in place of a database; - for standard input"),
    Flag.optional,
  ),
  preset: Flag.Literals("preset", ["page", "posthog"]).pipe(
    Flag.withDescription("The rules that a file starts with; page by default"),
    Flag.withDefault("page"),
  ),
  project: projectId.pipe(
    Flag.withDescription("Id of the project; the only one of a file by default, else 1"),
    Flag.optional,
  ),
  json,
}

/** The flag that names a point in the past. */
export const at = Flag.String("at").pipe(
  Flag.withDescription("A position, an ISO time, the uuid of an event, or 2h ago; now by default"),
  Flag.optional,
)

/** The flags of a question about the past. */
export interface Given extends Location {
  readonly file: Option.Option<string>
  readonly preset: "page" | "posthog"
  readonly project: Option.Option<ProjectId>
}

/** The logs of a file's projects; the error has the number of the first bad line. */
export const logsOf = Effect.fnUntraced(function* (file: string) {
  const log = new FileLog()
  yield* Stream.runForEach(lines(file), (line) => {
    const added = log.add(line)
    if (Result.isSuccess(added)) return Effect.void
    const { line: number, reason } = added.failure
    return Effect.fail(new CouldNot({ message: `${file}: line ${number}: ${reason}` }))
  })
  return log.logs()
})

/** The services of a question about the past, of a file or of a database. */
export type Past = TimeTravel | HistorySource | Persons

/** The project that the flags name in a file. */
const ofFile = Effect.fnUntraced(function* (file: string, { preset, project }: Given) {
  const logs = yield* logsOf(file)
  const wanted = Option.getOrUndefined(project)
  const [found] = wanted === undefined ? logs : logs.filter(([id]) => id === wanted)
  if (found === undefined || (wanted === undefined && logs.length > 1)) {
    const names = logs.map(([id]) => id).join(", ") || "none"
    return yield* new WrongUse({ message: `--project: expected one of the file's: ${names}` })
  }
  return yield* FileHistory.make(found[0], found[1], Presets.presets[preset])
})

/** Turns a point or a condition that is not understood into wrong use; other failures stay. */
const failureOf = (error: unknown): unknown =>
  error instanceof NotUnderstood
    ? new WrongUse({ message: `${error.field}: expected ${error.expected}` })
    : error

/** The project that the flags name in a database. */
export const projectOf = ({ project }: Pick<Given, "project">): ProjectId =>
  Option.getOrElse(project, () => ProjectId("1"))

/**
 * Waits until the persons of a database have caught up. A file has no projector, and does not
 * import one.
 */
const catchUp = (project: ProjectId) =>
  Effect.flatMap(
    Effect.promise(() => import("../CaughtUp.ts")),
    (module) => module.catchUp(project),
  )

/**
 * Runs a question on the file or the database that the flags name, after its persons have caught
 * up.
 */
const runOnSource = <A, E, R extends Past>(
  given: Given,
  ask: (project: ProjectId) => Effect.Effect<A, E, R>,
  past: (file: FileHistory.FileProject) => Layer.Layer<R>,
): Effect.Effect<A, unknown> => {
  const answer = Option.isSome(given.file)
    ? Effect.flatMap(ofFile(given.file.value, given), (file) =>
        Effect.provide(ask(file.project), past(file)),
      )
    : onDatabase(given, Effect.andThen(catchUp(projectOf(given)), ask(projectOf(given))))
  return Effect.mapError(answer, failureOf)
}

const history = (file: FileHistory.FileProject) =>
  Layer.provideMerge(timeTravel, FileHistory.layer(file))

/** Runs a question that also reads persons; of a file, that folds the whole log. */
export const askPersons = <A, E>(
  given: Given,
  ask: (project: ProjectId) => Effect.Effect<A, E, Past>,
): Effect.Effect<A, unknown> =>
  runOnSource(given, ask, (file) => Layer.merge(history(file), FileHistory.persons(file)))

/** The two ways to print an answer: its form as JSON, or the text of that form for people. */
interface Printing<A, Form> {
  readonly form: (answer: A, project: ProjectId) => Form
  readonly text: Answer.Printer<Form>
}

/** Runs a question about the past, prints its answer, and returns the form of it. */
export const answerPast = Effect.fnUntraced(function* <A, E, Form extends object>(
  given: Given & { readonly json: boolean },
  question: (past: TimeTravel["Service"], project: ProjectId) => Effect.Effect<A, E>,
  { form, text }: Printing<A, Form>,
) {
  const ask = (project: ProjectId) =>
    Effect.flatMap(TimeTravel, (past) =>
      Effect.map(question(past, project), (answer) => form(answer, project)),
    )
  const answer = yield* runOnSource(given, ask, history)
  yield* Answer.print(answer, given.json, text)
  return answer
})

/** The value that was read, or wrong use with the field's name. */
export const orWrongUse = <A>(read: Result.Result<A, Invalid>): Effect.Effect<A, WrongUse> =>
  Result.isSuccess(read)
    ? Effect.succeed(read.success)
    : Effect.fail(
        new WrongUse({ message: `${read.failure.field}: expected ${read.failure.expected}` }),
      )

/** The point that a flag names, undefined for now, and the position that the answer is as of. */
export const asOf = Effect.fnUntraced(function* (project: ProjectId, text: Option.Option<string>) {
  const source = yield* HistorySource
  const at = Option.isSome(text) ? yield* source.point(project, text.value, "at") : undefined
  const checkpoint = yield* (yield* Persons).checkpoint(project)
  return { at, position: at ?? checkpoint?.position ?? zero }
})
