import { Effect, Option, Result, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Presets from "@onymous/identity/policy/Presets"
import { Replay, type ReplayedFile } from "@onymous/timetravel/replay/Replay"
import { lines } from "../../input/FileLines.ts"
import { BadLines } from "../../input/BadLines.ts"
import { SaysNo } from "../../CommandError.ts"
import { strict } from "../../flags/PastFlags.ts"
import { json, within } from "../../flags/DatabaseFlags.ts"
import * as Answer from "../../output/Answer.ts"
import { idsOf } from "../../output/PersonText.ts"
import {
  identified,
  ids,
  json as jsonColumn,
  jsonItems,
  person,
  table,
  text,
} from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { detailsOf } from "../../output/WarningText.ts"

/** Folds a file of events in memory: no server, no database. */
export const replay = Command.make(
  "replay",
  {
    file: Argument.String("file").pipe(Argument.withDescription("NDJSON, or - for standard input")),
    policy: Flag.Literals("policy", ["page", "posthog"]).pipe(
      Flag.withDescription("The rules to start with; page by default"),
      Flag.withDefault("page"),
    ),
    at: Flag.Int("at").pipe(
      within(0),
      Flag.withDescription("Stop after so many lines; after the last by default"),
      Flag.optional,
    ),
    strict,
    json,
  },
  Effect.fn(function* ({ file, policy, at, strict: isStrict, json: asJson }) {
    const replayed = new Replay(Presets.presets[policy])
    const bad = new BadLines(file, isStrict)
    const limit = Option.getOrElse(at, () => Number.POSITIVE_INFINITY)
    yield* Stream.runForEachWhile(lines(file), (line) => {
      if (replayed.position >= limit) return Effect.succeed(false)
      const added = replayed.add(line)
      return Effect.as(Result.isSuccess(added) ? Effect.void : bad.tell(added.failure), true)
    })
    yield* bad.end
    yield* Answer.print(replayed.result(), asJson, print)
    if (bad.count > 0) return yield* new SaysNo({ message: `${bad.count} lines were not folded.` })
  }),
).pipe(Command.withDescription("Fold a file of events in memory and show what it comes to"))

const personColumns = [
  { name: "PROJECT", spare: 1 },
  person("PERSON"),
  identified,
  ids("DISTINCT IDS"),
  jsonColumn("PROPERTIES", 3),
]

const warningColumns = [{ name: "LINE" }, text("WARNING"), text("DETAILS")]

const print = (result: ReplayedFile, width: Width): ReadonlyArray<string> => {
  const persons = result.persons.map((each) => [
    each.project,
    each.person_id,
    each.is_identified ? "yes" : "no",
    idsOf(each.distinct_ids, width),
    jsonItems(each.properties),
  ])
  const warnings = result.warnings.map((warning) => [
    `${warning.line + 1}`,
    warning.type,
    detailsOf(warning.details),
  ])
  return [
    `${result.position} lines, ${persons.length} persons, ${warnings.length} warnings; state ${result.state_hash}`,
    "",
    ...table(personColumns, persons, width),
    ...(warnings.length === 0 ? [] : ["", ...table(warningColumns, warnings, width)]),
  ]
}
