import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Data, Effect, FileSystem, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { bench, full, grow, makeProjects, page as askPage, quick } from "./Bench.ts"
import type { Grown } from "./measures/Growth.ts"
import * as Readme from "./report/Readme.ts"
import * as Report from "./report/Report.ts"

const flags = {
  isQuick: Flag.Boolean("quick").pipe(
    Flag.withDescription("Measure less, in about two minutes"),
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
  page: Flag.Int("page").pipe(
    Flag.filter(
      (size: number) => size >= 2000,
      () => "at least 2000",
    ),
    Flag.withDescription(
      "Measure what the page asks of a log of so many events instead; with --quick, of a hundredth of them",
    ),
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
  isKept: Flag.Boolean("readme").pipe(
    Flag.withDescription("Keep what is found beside the README of the bench, and in its tables"),
    Flag.withDefault(false),
  ),
}

/** Figures to keep need a Postgres server, because PGlite measures only some of them. */
class NoServer extends Data.TaggedError("NoServer")<{}> {
  override readonly message =
    "--readme wants a server: without ONYMOUS_DATABASE_URL, figures would be missing."
}

interface Asked {
  readonly isQuick: boolean
  readonly growth: Option.Option<number>
  readonly page: Option.Option<number>
  readonly projects: Option.Option<number>
}

/** The README shows a log of this length in a table of its own. */
const nightlyMin = 50_000_000

const reportOf = (kind: Readme.Kind) => (grown: ReadonlyArray<Grown>) => ({
  kind,
  ...Report.ofGrowth(grown),
})

const measured = (url: string | undefined, { isQuick, growth, page, projects }: Asked) => {
  if (Option.isSome(growth)) {
    const kind = growth.value < nightlyMin ? "growth" : "nightly"
    return Effect.map(grow(url, growth.value), reportOf(kind))
  }
  if (Option.isSome(page)) {
    const size = isQuick ? Math.max(2000, Math.trunc(page.value / 100)) : page.value
    return Effect.map(askPage(url, size), reportOf("page"))
  }
  if (Option.isSome(projects)) {
    return Effect.map(makeProjects(url, projects.value), reportOf("projects"))
  }
  const kind: Readme.Kind = "figures"
  return Effect.map(bench(url, isQuick ? quick : full), (found) => ({ kind, ...Report.of(found) }))
}

const command = Command.make(
  "bench",
  flags,
  Effect.fn(function* ({ file, isKept, ...asked }) {
    const url = process.env["ONYMOUS_DATABASE_URL"] || undefined
    if (isKept && url === undefined) return yield* new NoServer()
    yield* Console.log(
      url === undefined
        ? "On PGlite in memory, and captures in plain memory: ONYMOUS_DATABASE_URL names no Postgres."
        : "On the Postgres that ONYMOUS_DATABASE_URL names.",
    )
    const { kind, table, json } = yield* measured(url, asked)
    yield* Console.log(table)
    const { writeFileString } = yield* FileSystem.FileSystem
    if (Option.isSome(file)) yield* writeFileString(file.value, json)
    if (isKept) yield* Readme.keep(kind, json)
  }),
).pipe(Command.withDescription("How fast, against what?"))

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain,
)
