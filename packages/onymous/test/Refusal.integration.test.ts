import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { layerOnClient, layerSql } from "onymous/effect"
import { sqlSuite } from "./Refusal.contract.ts"

const postgresUrl = inject("postgresUrl")

const fresh = TestDatabase.fresh(postgresUrl)

describe.skipIf(!postgresUrl)("with a server", () => {
  sqlSuite("Postgres", Layer.unwrap(Effect.map(fresh, (database) => layerSql({ database }))))
  const client = Effect.map(fresh, (url) => PgClient.layer({ url: Redacted.make(url) }))
  sqlSuite("the client of a program", Layer.provideMerge(layerOnClient(), Layer.unwrap(client)))
})
