import { expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Array as Arr, Effect } from "effect"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import { layerMemory } from "../src/memory/MemoryEventLog.ts"
import * as Damage from "./Damage.contract.ts"
import { incoming, suite } from "./EventLog.contract.ts"
import { logOn } from "./logLayers.ts"
import * as HostTransaction from "./HostTransaction.contract.ts"
import * as FullLog from "./FullLog.contract.ts"
import * as Unstorable from "./Unstorable.contract.ts"

suite("memory", layerMemory)
suite("PGlite", logOn("memory"))
Damage.suite("PGlite", logOn("memory"))
FullLog.suite("PGlite", logOn("memory"))
Unstorable.suite("PGlite", logOn("memory"))
HostTransaction.suite("PGlite", logOn("memory"))

it.live("in memory nothing waits for a place in the log", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const project = ProjectId("p")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    yield* log.enqueue(project, [incoming(1), incoming(2)])
    expect(yield* log.inboxes).toEqual([])
    expect(yield* log.drain(project)).toEqual({ count: 0, hasMore: false })
    expect((yield* log.head(project)).position).toBe(2)
  }).pipe(Effect.provide(layerMemory)),
)

it.live("a question that no database can answer is a defect, and not a database that is away", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const project = ProjectId("p")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const nonsense = [
      Effect.asVoid(log.positionOf(project, "no uuid")),
      Effect.asVoid(log.readPayloads({ project, limit: -1 })),
      Effect.asVoid(log.readAt(project, [Position(2 ** 60)])),
    ]
    for (const question of nonsense) {
      const defect = yield* Effect.catchDefect(Effect.flip(question), Effect.succeed)
      expect(String(defect)).toContain("A question to the database has no answer")
    }
    expect(yield* log.append(project, [incoming(1)])).toMatchObject({ position: 1 })
  }).pipe(Effect.provide(logOn("memory"))),
)

it.live("a page tells which events are gone that the log's head counts", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    const log = yield* EventLog
    const project = ProjectId("p")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const numbers = Arr.range(1, 1200)
    yield* log.append(
      project,
      Arr.map(numbers, (number) => incoming(number)),
    )
    const gone = Effect.fnUntraced(function* (statement: string, after: number, limit: number) {
      yield* sql.unsafe(statement)
      const { reason } = yield* Effect.flip(log.read({ project, after: Position(after), limit }))
      return reason
    })
    const missing = (from: number, to: number) => ({ _tag: "Missing", project, from, to })
    const one = yield* gone("delete from onymous.events where position = 700", 0, 1200)
    expect(one).toEqual(missing(700, 700))
    expect(yield* log.read({ project, after: zero, limit: 699 })).toHaveLength(699)
    const chunk = yield* gone("delete from onymous.events where position between 1 and 600", 0, 10)
    expect(chunk).toEqual(missing(1, 600))
    const end = yield* gone("delete from onymous.events where position > 1000", 900, 101)
    expect(end).toEqual(missing(1001, 1200))
  }).pipe(Effect.provide(logOn("memory"))),
)
