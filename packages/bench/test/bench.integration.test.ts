import { it } from "@effect/vitest"
import { describe, inject } from "vitest"
import { givesAll, promisedOnServer } from "./figures.ts"

const postgresUrl = inject("postgresUrl")

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "a small run on Postgres gives every figure, each positive",
    () => givesAll(postgresUrl, 2, promisedOnServer),
    600_000,
  )
})
