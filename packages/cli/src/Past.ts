import { Clock, Effect, Option, Result, Stream } from "effect"
import { Argument, Flag } from "effect/cli"
import type { Invalid } from "@onymous/identity/Event"
import * as Policy from "@onymous/identity/Policy"
import { ProjectId } from "@onymous/identity/ProjectId"
import { History } from "@onymous/timetravel/History"
import * as Load from "@onymous/timetravel/Load"
import * as Point from "@onymous/timetravel/Point"
import { Replay } from "@onymous/timetravel/Replay"
import { lines } from "./Lines.ts"
import { CouldNot, database, json, onDatabase, WrongUse } from "./Options.ts"

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

/** A distinct id as an argument. */
export const distinctId = (name: string) => Argument.String(name)

interface Given {
  readonly file: Option.Option<string>
  readonly preset: "page" | "posthog"
  readonly project: Option.Option<string>
  readonly databaseUrl: Option.Option<string>
  readonly dataDir: Option.Option<string>
}

/** Reads lines as `replay` does; the first that cannot be read is told by its number. */
export const replayed = Effect.fnUntraced(function* (file: string, preset: "page" | "posthog") {
  const replay = new Replay(Policy.presets[preset])
  yield* Stream.runForEach(lines(file), (line) => {
    const added = replay.add(line)
    if (Result.isSuccess(added)) return Effect.void
    const { line: number, reason } = added.failure
    return Effect.fail(new CouldNot({ message: `${file}: line ${number}: ${reason}` }))
  })
  return replay
})

const fromFile = Effect.fnUntraced(function* (file: string, { preset, project }: Given) {
  const logs = (yield* replayed(file, preset)).logs()
  const wanted = Option.getOrUndefined(project)
  const [found] = wanted === undefined ? logs : logs.filter(([id]) => id === wanted)
  if (found === undefined || (wanted === undefined && logs.length > 1)) {
    const names = logs.map(([id]) => id).join(", ") || "none"
    return yield* new WrongUse({ message: `--project: expected one of the file's: ${names}` })
  }
  return new History(found[0], found[1], Policy.presets[preset])
})

/** The project's history, from the file or the database that the flags name. */
export const historyOf = Effect.fnUntraced(function* (given: Given) {
  if (Option.isSome(given.file)) return yield* fromFile(given.file.value, given)
  const project = ProjectId(Option.getOrElse(given.project, () => "1"))
  return yield* onDatabase(given, Load.history(project))
})

/** What was read, or wrong use by the field's name. */
export const orWrongUse = <A>(read: Result.Result<A, Invalid>): Effect.Effect<A, WrongUse> =>
  Result.isSuccess(read)
    ? Effect.succeed(read.success)
    : Effect.fail(
        new WrongUse({ message: `${read.failure.field}: expected ${read.failure.expected}` }),
      )

/** The point that a text names. */
export const pointOf = Effect.fnUntraced(function* (history: History, text: string) {
  return yield* orWrongUse(Point.parse(history, text, yield* Clock.currentTimeMillis))
})

/** The point that the flag names, or the end. */
export const pointAt = (history: History, text: Option.Option<string>) =>
  Option.isSome(text) ? pointOf(history, text.value) : Effect.succeed(history.head)
