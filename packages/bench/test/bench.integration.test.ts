import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, inject } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { page } from "../src/Bench.ts"
import * as Meanings from "../src/report/Meanings.ts"
import { givesAll, promisedOnServer } from "./figures.ts"

const postgresUrl = inject("postgresUrl")

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "a small run on Postgres gives every figure, each positive",
    () => givesAll(postgresUrl, 1, promisedOnServer),
    600_000,
  )

  it.live(
    "of a log that is made for the page each question is measured, and steps ask about nobody",
    () =>
      Effect.gen(function* () {
        const grown = yield* page(postgresUrl, 3000)
        const found = new Map(grown.map((each) => [each.name, each.found]))
        const isSteps = (name: string) => name.startsWith("step_") || name === "open_ms"
        for (const name of Meanings.page.rows.flatMap(({ names }) => names)) {
          const figures = found.get(name) ?? []
          if (Machine.chromium() === undefined && isSteps(name)) continue
          expect(figures, name).toHaveLength(1)
          if (name !== "step_requests") expect(figures[0], name).toBeGreaterThan(0)
        }
        expect(found.get("step_requests") ?? [0]).toEqual([0])
      }),
    600_000,
  )
})
