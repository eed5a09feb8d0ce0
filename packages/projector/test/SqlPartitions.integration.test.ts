import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
import { logId, madeApart, partitionsOf } from "./apart.ts"
import { projectorOn } from "./personsLayers.ts"
import { recorded, simpleEvents } from "@onymous/simulator/random/FewIds"

const postgresUrl = inject("postgresUrl")

/** Reads `policies`, the last of the derived tables, in a transaction that stays open until `ends`. */
const reading = Effect.fnUntraced(function* (ends: Deferred.Deferred<void>) {
  const sql = yield* SchemaClient
  const isRead = yield* Deferred.make<void>()
  const reads = sql.withTransaction(
    sql`select count(*) from ${sql.ours("policies")}`.pipe(
      Effect.andThen(Deferred.succeed(isRead, undefined)),
      Effect.andThen(Deferred.await(ends)),
    ),
  )
  const reader = yield* Effect.forkChild(reads)
  yield* Deferred.await(isRead)
  return reader
})

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live("what somebody reads keeps its partition, and only that, until it is swept again", () =>
    Effect.gen(function* () {
      const editions = yield* Editions
      const made = yield* madeApart("read while it is dropped")
      const ends = yield* Deferred.make<void>()
      const reader = yield* reading(ends)
      yield* editions.discard(made)
      const error = yield* Effect.flip(editions.sweep)
      expect(error.message).toContain("lock")
      expect(yield* partitionsOf(made.edition)).toBe(1)
      yield* Deferred.succeed(ends, undefined)
      yield* Fiber.join(reader)
      yield* editions.sweep
      expect(yield* partitionsOf(made.edition)).toBe(0)
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn)))),
  )

  it.live("whoever lost an edition is told so, whatever became of its partitions", () =>
    Effect.gen(function* () {
      const store = yield* PersonStore
      const editions = yield* Editions
      const project = ProjectId("taken over")
      // Chance decides which of two statements comes first.
      for (let round = 0; round < 10; round++) {
        const whole = new ProjectInMemory(yield* editions.claim(project, logId, { isLong: true }))
        whole.fold(recorded(simpleEvents(3, 40)), undefined)
        yield* store.commit(whole.takeEnded())
        yield* editions.discard(yield* editions.claim(project, logId, { isLong: true }))
        yield* editions.sweep
        const error = yield* Effect.flip(store.commit(WorkInTurns.atOnce(whole.finish())))
        expect(error.reason).toEqual({ _tag: "Fenced", project })
      }
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn)))),
  )
})
