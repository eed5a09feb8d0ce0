import { Console, Effect, Option, Result, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Presets from "@onymous/identity/policy/Presets"
import { Replay, type ReplayedFile } from "@onymous/timetravel/replay/Replay"
import { lines } from "../../input/FileLines.ts"
import { CouldNot } from "../../CommandError.ts"
import { json, within } from "../../flags/DatabaseFlags.ts"
import { table } from "../../output/Table.ts"

/** Folds a file of events in memory: no server, no database. */
export const replay = Command.make(
  "replay",
  {
    file: Argument.String("file").pipe(Argument.withDescription("NDJSON, or - for standard input")),
    policy: Flag.Literals("policy", ["page", "posthog"]).pipe(
      Flag.withDescription("The rules to start with"),
      Flag.withDefault("page"),
    ),
    at: Flag.Int("at").pipe(
      within(0),
      Flag.withDescription("Stop after so many lines"),
      Flag.optional,
    ),
    json,
  },
  Effect.fn(function* ({ file, policy, at, json: asJson }) {
    const replayed = new Replay(Presets.presets[policy])
    const limit = Option.getOrElse(at, () => Number.POSITIVE_INFINITY)
    yield* Stream.runForEachWhile(lines(file), (line) => {
      if (replayed.position >= limit) return Effect.succeed(false)
      const added = replayed.add(line)
      if (Result.isSuccess(added)) return Effect.succeed(true)
      const { line: number, reason } = added.failure
      return new CouldNot({ message: `${file}: line ${number}: ${reason}` })
    })
    const result = replayed.result()
    yield* Console.log(asJson ? JSON.stringify(result) : print(result))
  }),
).pipe(Command.withDescription("Fold a file of events in memory and show what it comes to"))

const print = (result: ReplayedFile): string => {
  const persons = result.persons.map((person) => [
    person.project,
    person.person_id,
    person.is_identified ? "yes" : "no",
    person.distinct_ids.join(" "),
    JSON.stringify(person.properties),
  ])
  const warnings = result.warnings.map((warning) => [
    `${warning.line + 1}`,
    warning.type,
    JSON.stringify(warning.details),
  ])
  return [
    `${result.position} lines, ${result.persons.length} persons, ${result.warnings.length} warnings; state ${result.state_hash}`,
    "",
    table(["PROJECT", "PERSON", "IDENTIFIED", "DISTINCT IDS", "PROPERTIES"], persons),
    ...(warnings.length === 0 ? [] : ["", table(["LINE", "WARNING", "DETAILS"], warnings)]),
  ].join("\n")
}
