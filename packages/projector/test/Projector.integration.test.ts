import { expect, it } from "@effect/vitest"
import { Array as Arr, Deferred, Effect, Fiber, Layer } from "effect"
import { describe, inject } from "vitest"
import { connectionsByDefault } from "@onymous/database/DatabaseSettings"
import { UsesReserved } from "@onymous/database/sql/ReservedConnection"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Transaction from "@onymous/database/sql/Transaction"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { randomEvents } from "@onymous/simulator/random/FewIds"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Editions } from "@onymous/persons/Editions"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./personsLayers.ts"
import { suite as projectorSuite } from "./Projector.contract.ts"
import { databaseSuite as tickSuite } from "./DueClock.contract.ts"
import { suite as policySuite } from "./EnsurePolicy.contract.ts"
import { suite as rebuildSuite } from "./Rebuild.contract.ts"

const postgresUrl = inject("postgresUrl")

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn))

const logId = "11111111-1111-4111-8111-111111111111"

describe.skipIf(!postgresUrl)("with a server", () => {
  projectorSuite("Postgres", fresh)
  rebuildSuite("Postgres", fresh)
  tickSuite("Postgres", fresh)
  policySuite("Postgres", fresh)

  it.live("captures and persons wait for no question, however many are slow", () =>
    Effect.gen(function* () {
      const [sql, log] = [yield* SchemaClient, yield* EventLog]
      const project = ProjectId("beside slow questions")
      yield* log.createProject({ id: project, token: "slow", keyHash: "" })
      const other = yield* sql.reserve
      yield* other.execute("select pg_advisory_lock(4242)", [], undefined)
      // Each slow question holds its connection for as long as the test lasts.
      const slow = Transaction.runPatiently(sql, sql`select pg_advisory_xact_lock_shared(4242)`)
      for (let count = 0; count < 10; count++) yield* Effect.forkScoped(slow)
      const waiting = Effect.provideService(
        sql<{ readonly count: number }>`select count(*) as count from pg_locks
          where locktype = 'advisory' and objid = 4242 and not granted`,
        UsesReserved,
        true,
      )
      // Of ten connections, four append, one listens, one derives, and one is `other`.
      const left = connectionsByDefault - 7
      yield* Effect.repeat(waiting, { until: ([row]) => row?.count === left })
      yield* Effect.forkScoped((yield* Projector).run)
      for (const part of Arr.chunksOf(randomEvents(1, 30), 10)) {
        const { position } = yield* log.append(project, part)
        const reached = yield* (yield* Projector).waitFor(project, position, 300)
        expect(reached.position).toBeGreaterThanOrEqual(position)
      }
    }).pipe(Effect.scoped, Effect.provide(fresh)),
  )

  it.live("others hear of an edition in the making while a long commit holds its checkpoint", () =>
    Effect.gen(function* () {
      const sql = yield* SchemaClient
      const editions = yield* Editions
      const made = yield* editions.claim(ProjectId("held"), logId)
      const before = yield* editions.making(made.project)
      const [isHeld, mayEnd] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const holding =
        sql`select 1 from ${sql.ours("checkpoints")} where edition = ${made.edition} for update`.pipe(
          Effect.andThen(Deferred.succeed(isHeld, undefined)),
          Effect.andThen(Deferred.await(mayEnd)),
          sql.withTransaction,
        )
      const held = yield* Effect.forkScoped(holding)
      yield* Deferred.await(isHeld)
      yield* editions.beat(made)
      expect((yield* editions.making(made.project))?.mark).not.toBe(before?.mark)
      yield* Deferred.succeed(mayEnd, undefined)
      yield* Fiber.join(held)
    }).pipe(Effect.provide(fresh)),
  )
})
