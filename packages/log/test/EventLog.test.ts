import { expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, Exit } from "effect"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import { layerMemory } from "../src/memory/MemoryEventLog.ts"
import * as Damage from "./Damage.contract.ts"
import { incoming, suite } from "./EventLog.contract.ts"
import { logOn } from "./logLayers.ts"

suite("memory", layerMemory)
suite("PGlite", logOn("memory"))
Damage.suite("PGlite", logOn("memory"))

it.live("nothing is appended inside a transaction that may still be rolled back", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    const log = yield* EventLog
    const project = ProjectId("p")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const append = log.append(project, [incoming(1)])
    expect(Exit.hasDies(yield* Effect.exit(sql.withTransaction(append)))).toBe(true)
    expect(yield* append).toEqual({ position: 1, added: 1 })
  }).pipe(Effect.provide(logOn("memory"))),
)
