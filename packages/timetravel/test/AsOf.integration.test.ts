import { Effect, Layer } from "effect"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { onDatabase } from "./asOfLayers.ts"
import { suite } from "./AsOf.contract.ts"
import { suite as verifySuite } from "./Verify.contract.ts"

const postgresUrl = inject("postgresUrl")

/** Two processes share nothing but the server. */
const processes = Effect.gen(function* () {
  const url = yield* TestDatabase.fresh(postgresUrl)
  const writer = yield* Layer.build(onDatabase(url))
  return { writer, reader: yield* Layer.build(Layer.fresh(onDatabase(url))) }
})

describe.skipIf(!postgresUrl)("with a server", () => {
  suite("Postgres", processes, [21, 22])
  verifySuite(
    "Postgres",
    Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), onDatabase)),
    [21, 22],
  )
})
