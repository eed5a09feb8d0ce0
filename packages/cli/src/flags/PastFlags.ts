import { Clock, Effect, Option, Result, Stream } from "effect"
import { Flag } from "effect/cli"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { isUuid } from "@onymous/identity/encoding/Uuid"
import { EventLog } from "@onymous/log/EventLog"
import { History } from "@onymous/timetravel/history/History"
import * as HistorySource from "@onymous/timetravel/history/HistorySource"
import * as Point from "@onymous/timetravel/history/Point"
import { Replay } from "@onymous/timetravel/replay/Replay"
import type { Edit } from "@onymous/timetravel/history/EditedLog"
import type { Services } from "onymous"
import { caughtUp } from "../CaughtUp.ts"
import { lines } from "../input/FileLines.ts"
import { CouldNot, WrongUse } from "../CommandError.ts"
import { database, json, onDatabase } from "./DatabaseFlags.ts"

/** Where the past is read: in a database, or in a file as `replay` reads it. */
export const past = {
  ...database,
  file: Flag.String("file").pipe(
    Flag.withDescription("Ask a file of events in place of a database; - for standard input"),
    Flag.optional,
  ),
  preset: Flag.Literals("preset", ["page", "posthog"]).pipe(
    Flag.withDescription("The rules that a file starts with"),
    Flag.withDefault("page"),
  ),
  project: Flag.String("project").pipe(
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
export interface Given {
  readonly file: Option.Option<string>
  readonly preset: "page" | "posthog"
  readonly project: Option.Option<string>
  readonly databaseUrl: Option.Option<string>
  readonly dataDir: Option.Option<string>
}

/** Reads lines as `replay` does; the first that cannot be read is told by its number. */
export const replayed = Effect.fnUntraced(function* (file: string, preset: "page" | "posthog") {
  const replay = new Replay(Presets.presets[preset])
  yield* Stream.runForEach(lines(file), (line) => {
    const added = replay.add(line)
    if (Result.isSuccess(added)) return Effect.void
    const { line: number, reason } = added.failure
    return Effect.fail(new CouldNot({ message: `${file}: line ${number}: ${reason}` }))
  })
  return replay
})

const ofFile = Effect.fnUntraced(function* (file: string, { preset, project }: Given) {
  const logs = (yield* replayed(file, preset)).logs()
  const wanted = Option.getOrUndefined(project)
  const [found] = wanted === undefined ? logs : logs.filter(([id]) => id === wanted)
  if (found === undefined || (wanted === undefined && logs.length > 1)) {
    const names = logs.map(([id]) => id).join(", ") || "none"
    return yield* new WrongUse({ message: `--project: expected one of the file's: ${names}` })
  }
  return new History(found[0], found[1], Presets.presets[preset])
})

type Asked<A> = Effect.Effect<A, CouldNot | WrongUse>

/** Where a question about the past finds its answer: a file in memory, or a project in a database. */
export interface Source {
  /** All that ever happened. */
  readonly whole: Asked<History>
  /** What is about some ids: it answers for them like the whole, and costs as much as they have. */
  readonly about: (ids: ReadonlySet<DistinctId>, edit?: Edit) => Asked<History>
  /** The event at a position, and what is about its ids. */
  readonly around: (
    position: Position,
  ) => Asked<{ readonly recorded: Recorded; readonly history: History } | undefined>
  /** The point that a text names. */
  readonly point: (text: string) => Asked<Position>
  /** The event with a uuid. */
  readonly eventOf: (uuid: string) => Asked<Recorded | undefined>
}

const inMemory = (history: History): Source => ({
  whole: Effect.succeed(history),
  about: () => Effect.succeed(history),
  around: (position) => {
    const recorded = history.eventAt(position)
    return Effect.succeed(recorded && { recorded, history })
  },
  point: (text) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => orWrongUse(Point.parse(history, text, now))),
  eventOf: (uuid) => Effect.succeed(history.eventOf(uuid)),
})

/** What is wrong with the question is wrong use, all else could not be answered. */
const told = (error: unknown): CouldNot | WrongUse =>
  error instanceof Point.NotUnderstood
    ? new WrongUse({ message: `${error.field}: expected ${error.expected}` })
    : new CouldNot({ message: error instanceof Error ? error.message : String(error) })

const inDatabase = Effect.fnUntraced(function* (project: ProjectId) {
  const services = yield* Effect.context<Services>()
  const asked = <A, E>(effect: Effect.Effect<A, E, Services>): Asked<A> =>
    Effect.mapError(Effect.provideContext(effect, services), told)
  const source: Source = {
    whole: asked(HistorySource.history(project)),
    about: (ids, edit) => asked(HistorySource.about(project, ids, edit)),
    around: (position) => asked(HistorySource.around(project, position)),
    point: (text) => asked(Point.resolve(project, text)),
    eventOf: (uuid) =>
      asked(
        Effect.gen(function* () {
          const log = yield* EventLog
          const position = isUuid(uuid) ? yield* log.positionOf(project, uuid) : undefined
          const found = position === undefined ? [] : yield* log.readAt(project, [position])
          return found[0]
        }),
      ),
  }
  return source
})

/** The project that the flags name in a database. */
export const projectOf = ({ project }: Pick<Given, "project">): ProjectId =>
  ProjectId(Option.getOrElse(project, () => "1"))

/** Asks the file or the database that the flags name, once its persons are where its log is. */
export const asking = <A, E>(given: Given, ask: (source: Source) => Effect.Effect<A, E>) => {
  if (Option.isSome(given.file)) {
    const read = ofFile(given.file.value, given)
    return Effect.flatMap(read, (history) => ask(inMemory(history)))
  }
  const project = projectOf(given)
  const settled = Effect.andThen(caughtUp(project), inDatabase(project))
  return onDatabase(given, Effect.flatMap(settled, ask))
}

/** What was read, or wrong use by the field's name. */
export const orWrongUse = <A>(read: Result.Result<A, Invalid>): Effect.Effect<A, WrongUse> =>
  Result.isSuccess(read)
    ? Effect.succeed(read.success)
    : Effect.fail(
        new WrongUse({ message: `${read.failure.field}: expected ${read.failure.expected}` }),
      )

/** Everything that a file tells, and the position that is asked for. */
export const fileAt = (given: Given & { readonly at: Option.Option<string> }) =>
  asking(
    given,
    Effect.fnUntraced(function* (source) {
      const history = yield* source.whole
      return { history, position: yield* pointAt(source, history, given.at) }
    }),
  )

/** The position that a flag names in a project's log; none by default. */
export const positionAt = (project: ProjectId, text: Option.Option<string>) =>
  Option.isNone(text)
    ? Effect.undefined
    : Effect.mapError(Point.resolve(project, text.value), (error) =>
        error instanceof Point.NotUnderstood ? told(error) : error,
      )

/** The point that a flag names, or the end of what was read. */
export const pointAt = (source: Source, history: History, text: Option.Option<string>) =>
  Option.isSome(text) ? source.point(text.value) : Effect.succeed(history.head)
