import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { bench, full, grow, makeProjects, quick } from "./Bench.ts"
import * as Report from "./Report.ts"

const flags = {
  isQuick: Flag.Boolean("quick").pipe(
    Flag.withDescription("Measure less, in a minute or two"),
    Flag.withDefault(false),
  ),
  growth: Flag.Int("growth").pipe(
    Flag.filter(
      (size: number) => size >= 1000,
      () => "at least 1000",
    ),
    Flag.withDescription("Measure one log instead that grows to so many events"),
    Flag.optional,
  ),
  projects: Flag.Int("projects").pipe(
    Flag.filter(
      (count: number) => count >= 100,
      () => "at least 100",
    ),
    Flag.withDescription("Measure so many small projects instead"),
    Flag.optional,
  ),
  file: Flag.String("json").pipe(
    Flag.withDescription("File to write the medians to, as JSON"),
    Flag.optional,
  ),
}

const command = Command.make(
  "bench",
  flags,
  Effect.fn(function* ({ isQuick, growth, projects, file }) {
    const url = process.env["ONYMOUS_DATABASE_URL"] || undefined
    yield* Console.log(
      url === undefined
        ? "On PGlite in memory: ONYMOUS_DATABASE_URL names no Postgres."
        : "On the Postgres that ONYMOUS_DATABASE_URL names.",
    )
    const grown = Option.firstSomeOf([
      Option.map(growth, (size) => grow(url, size)),
      Option.map(projects, (count) => makeProjects(url, count)),
    ])
    const { table, json } = yield* Option.isSome(grown)
      ? Effect.map(grown.value, Report.ofGrowth)
      : Effect.map(bench(url, isQuick ? quick : full), Report.of)
    yield* Console.log(table)
    if (Option.isNone(file)) return
    const { writeFileString } = yield* FileSystem.FileSystem
    yield* writeFileString(file.value, json)
  }),
).pipe(Command.withDescription("How fast, against what?"))

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain,
)
