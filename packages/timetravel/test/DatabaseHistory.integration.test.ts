import { Effect, Layer } from "effect"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { onDatabase } from "./asOfLayers.ts"
import { suite } from "./DatabaseHistory.contract.ts"

const postgresUrl = inject("postgresUrl")

describe.skipIf(!postgresUrl)("with a server", () => {
  suite("Postgres", Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), onDatabase)))
})
