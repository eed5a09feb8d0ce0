import { Effect, ManagedRuntime } from "effect"
import { Position } from "@onymous/identity/event/Position"
import { Projector } from "@onymous/projector/Projector"
import { layerSql } from "onymous/OnymousLayer"
import * as AppendRate from "./AppendRate.ts"
import { waitMax } from "./ProjectionRate.ts"
import { batches } from "../load/Scenario.ts"

// The parent process has ended, so nobody waits for this worker.
process.once("disconnect", () => process.exit())

const database = process.env["ONYMOUS_DATABASE_URL"] ?? ""
const count = Number(process.argv[2])

/** A project with persons of its own. */
const prepare = Effect.gen(function* () {
  const { waitFor } = yield* Projector
  const project = yield* AppendRate.newProject
  yield* AppendRate.append(project, batches(count))
  yield* waitFor(project, Position(count + 1), waitMax)
  return project
})

// A worker of the bench: it prepares, rebuilds once so that its code is compiled, and rebuilds
// again at each message.
const runtime = ManagedRuntime.make(layerSql(database))
const project = await runtime.runPromise(prepare)
const rebuild = async () => {
  await runtime.runPromise(Effect.flatMap(Projector, (projector) => projector.rebuild(project)))
  process.send?.("done")
}
await rebuild()
process.on("message", rebuild)
