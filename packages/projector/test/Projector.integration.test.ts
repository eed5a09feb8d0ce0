import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Editions } from "@onymous/persons/Editions"
import { projectorOn } from "./personsLayers.ts"
import { suite as projectorSuite } from "./Projector.contract.ts"
import { suite as rebuildSuite } from "./Rebuild.contract.ts"

const postgresUrl = inject("postgresUrl")

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn))

const logId = "11111111-1111-4111-8111-111111111111"

describe.skipIf(!postgresUrl)("with a server", () => {
  projectorSuite("Postgres", fresh)
  rebuildSuite("Postgres", fresh)

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
