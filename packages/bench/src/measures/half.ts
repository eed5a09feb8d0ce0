import { Effect, ManagedRuntime } from "effect"
import { Position } from "@onymous/identity/event/Position"
import { Projector } from "@onymous/projector/Projector"
import { layerSql } from "onymous/OnymousLayer"
import * as AppendRate from "./AppendRate.ts"
import { waitMax } from "./ProjectionRate.ts"
import { batches } from "../load/Scenario.ts"

// What started this has ended: nobody waits for it.
process.once("disconnect", () => process.exit())

const database = process.env["ONYMOUS_DATABASE_URL"] ?? ""
const count = Number(process.argv[2])

/** A project of its own, with persons that no other one has. */
const prepare = Effect.gen(function* () {
  const { reached } = yield* Projector
  const project = yield* AppendRate.newProject
  yield* AppendRate.append(project, batches(count))
  yield* reached(project, Position(count + 1), waitMax)
  return project
})

// A worker of the bench: prepares, rebuilds once so that all is compiled, and again whenever it is told to.
const runtime = ManagedRuntime.make(layerSql(database))
const project = await runtime.runPromise(prepare)
const rebuild = async () => {
  await runtime.runPromise(Effect.flatMap(Projector, (projector) => projector.rebuild(project)))
  process.send?.("done")
}
await rebuild()
process.on("message", rebuild)
