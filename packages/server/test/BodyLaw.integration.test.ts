import { describe } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { bodyLaw } from "./BodyLaw.contract.ts"
import { projectorOn } from "./projectorLayers.ts"

const postgresUrl = inject("postgresUrl")

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn))

describe.skipIf(!postgresUrl)("on Postgres", () => bodyLaw(fresh, { runs: 20, within: 600_000 }))
