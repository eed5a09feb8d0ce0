import { Console, Effect, Option } from "effect"
import type { Questions } from "@onymous/api/Questions"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import * as FileHistory from "@onymous/timetravel/history/FileHistory"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { SaysNo } from "../CommandError.ts"
import { onDatabase, projectIn } from "../flags/DatabaseFlags.ts"
import type { Given } from "../flags/SourceFlags.ts"
import * as FileLogs from "../input/FileLogs.ts"
import * as Answer from "../output/Answer.ts"
import * as AskingError from "./AskingError.ts"
import type { Found } from "./ServerFile.ts"
import * as Source from "./Source.ts"

/** The questions of a source, bound to a project. */
export interface Asked extends Questions {
  readonly params: { readonly project: string }
  /** Waits until the persons are at a position, so that the next question sees the act there. */
  readonly settled: (position: number) => Effect.Effect<void, unknown>
  /** The position that a text names. */
  readonly point: (text: string) => Effect.Effect<number, unknown>
}

type Ask<A> = (asked: Asked) => Effect.Effect<A, unknown>

const onFile = Effect.fnUntraced(function* <A>(
  path: string,
  { preset = "page", strict = false, project }: Given,
  ask: Ask<A>,
) {
  const [id, log] = yield* FileLogs.projectOf(path, { strict, project })
  const file = yield* FileHistory.make(id, log, Presets.presets[preset])
  const { make } = yield* Effect.promise(() => import("./FileQuestions.ts"))
  const point = (text: string) =>
    Effect.flatMap(HistorySource, (source) => source.point(id, text, "at")).pipe(
      Effect.provide(FileHistory.layer(file)),
    )
  const questions = yield* make(file)
  return yield* ask({ ...questions, params: { project: id }, settled: () => Effect.void, point })
})

const onServer = Effect.fnUntraced(function* <A>(
  server: Found,
  { project }: Given,
  ask: Ask<A>,
  waits: boolean,
) {
  const { make, waitFor } = yield* Effect.promise(() => import("./ServerQuestions.ts"))
  const questions = yield* make(server)
  const params = { project: Option.getOrElse(project, () => "1") }
  const point = (at: string) =>
    Effect.map(questions.project.policy({ params, query: { at } }), ({ position }) => position)
  const settled = (position?: number) => waitFor(questions, params, position)
  if (waits) yield* settled()
  return yield* ask({ ...questions, params, settled, point })
})

const onServices = <A>(given: Given, ask: Ask<A>, waits: boolean) =>
  onDatabase(
    given,
    Effect.gen(function* () {
      const [{ catchUp, projectNow }, { make }] = yield* Effect.promise(() =>
        Promise.all([import("../CaughtUp.ts"), import("./DatabaseQuestions.ts")]),
      )
      const project = ProjectId(yield* projectIn(given.project))
      if (waits) yield* catchUp(project)
      const services = yield* Effect.context<Effect.Services<ReturnType<typeof projectNow>>>()
      const settled = () => Effect.provideContext(Effect.asVoid(projectNow(project)), services)
      const source = yield* HistorySource
      const point = (text: string) => source.point(project, text, "at")
      return yield* ask({ ...(yield* make()), params: { project }, settled, point })
    }),
  )

/** Options of a question. */
interface Asking extends Omit<AskingError.Asking, "url"> {
  /** False for a question that does not depend on the persons, or that asks for their position. */
  readonly waits?: boolean
}

/**
 * Asks the file, the server or the database that the flags name, once its persons have caught up.
 * Its errors are those of a command, with the names that were typed.
 */
export const ask = Effect.fnUntraced(function* <A>(
  given: Given,
  question: Ask<A>,
  how: Asking = {},
) {
  const source = yield* Source.of(given)
  const { waits = true } = how
  const answer: Effect.Effect<A, unknown> =
    source._tag === "File"
      ? onFile(source.file, given, question)
      : source._tag === "Server"
        ? onServer(source.server, given, question, waits)
        : onServices(given, question, waits)
  const url = source._tag === "Server" ? { url: source.server.url } : {}
  return yield* Effect.mapError(answer, AskingError.ofAnswer({ ...how, ...url }))
})

/** A question with the two ways to print its answer: the form as JSON, or the text of that form. */
interface Answering<Form> extends Asking {
  readonly question: Ask<Form>
  readonly text: Answer.Printer<Form>
  /** The typed points, by the names of their arguments or flags. */
  readonly points?: Readonly<Record<string, Option.Option<string>>>
  /** The ids about which an answer has nothing. */
  readonly silentOn?: (form: Form) => ReadonlyArray<string>
}

const isPosition = (text: string): boolean => /^\s*\d+\s*$/.test(text)

/** Prints the positions of points that were typed in another form, because the answer depends on them. */
const tellPoints = Effect.fnUntraced(function* (
  { point }: Asked,
  points: Readonly<Record<string, Option.Option<string>>>,
) {
  for (const [name, given] of Object.entries(points)) {
    if (Option.isNone(given) || isPosition(given.value)) continue
    yield* Console.error(`${name} ${given.value} is position ${yield* point(given.value)}.`)
  }
})

/** The ids that no event has named. */
const unknownOf = ({ past, params }: Asked, ids: ReadonlyArray<string>) =>
  Effect.filter(ids, (distinct_id) =>
    Effect.map(
      past.firstNamed({ params, query: { distinct_id } }),
      (first) => first.position === null,
    ),
  )

/**
 * Asks a question, prints its answer, and returns its form. An empty answer about an id that no event has named ends
 * the command with 1, because the id is misspelt or belongs to another project.
 */
export const answer = Effect.fnUntraced(function* <Form extends object>(
  given: Given,
  { question, text, points = {}, silentOn = () => [], ...how }: Answering<Form>,
) {
  const { form, unknown } = yield* ask(
    given,
    Effect.fnUntraced(function* (asked) {
      const form = yield* question(asked)
      yield* tellPoints(asked, points)
      return { form, unknown: yield* unknownOf(asked, silentOn(form)) }
    }),
    how,
  )
  if (unknown.length === 0 || given.json) yield* Answer.print(form, given.json, text)
  if (unknown.length > 0) {
    return yield* new SaysNo({
      code: "not_found",
      message: `Nobody was ever called ${unknown.join(" or ")}.`,
    })
  }
  return form
})
