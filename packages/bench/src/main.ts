import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { writeFileSync } from "node:fs"
import { bench } from "./Bench.ts"

const notMeasured =
  "Not measured: a network between client and database, other load, more than one project, disks."

const command = Command.make(
  "bench",
  {
    quick: Flag.Boolean("quick").pipe(Flag.withDescription("A minute"), Flag.withDefault(false)),
    json: Flag.String("json").pipe(Flag.withDescription("Write the figures here"), Flag.optional),
  },
  Effect.fn(function* ({ quick, json }) {
    const url = process.env["ONYMOUS_DATABASE_URL"]
    yield* Console.log(`On ${url === undefined ? "PGlite in memory" : "the Postgres given"}.`)
    const figures = yield* bench(url ?? "memory", quick ? 40_000 : 200_000, quick ? 3 : 5)
    const rows = Object.entries(figures).map(
      ([name, value]) => `${name.padEnd(28)} ${value < 10 ? value.toFixed(3) : Math.round(value)}`,
    )
    yield* Console.log([...rows, notMeasured].join("\n"))
    if (Option.isSome(json)) writeFileSync(json.value, `${JSON.stringify(figures, null, 2)}\n`)
  }),
)

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain,
)
