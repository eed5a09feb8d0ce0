import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { survivesKills } from "./KillContract.ts"

const postgresUrl = inject("postgresUrl")

describe.skipIf(!postgresUrl)("on Postgres", () => {
  it.live(
    "kill -9 again and again under load: nothing answered is lost or doubled",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        yield* Effect.promise(() => survivesKills(["--database-url", url]))
      }),
    1_200_000,
  )
})
