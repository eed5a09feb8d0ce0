import { Effect, Layer } from "effect"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import * as Database from "../src/Database.ts"
import { suite } from "./Sql.contract.ts"

const postgresUrl = inject("postgresUrl")

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), Database.layer))

describe.skipIf(!postgresUrl)("with a server", () => {
  suite("Postgres", fresh)
})
