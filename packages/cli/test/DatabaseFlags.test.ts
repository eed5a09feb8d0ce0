import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect, Option } from "effect"
import { locationOf } from "../src/flags/DatabaseFlags.ts"

const url = "postgres://localhost/one"

const located = (
  { databaseUrl, dataDir }: { readonly databaseUrl?: string; readonly dataDir?: string },
  environment: Readonly<Record<string, string>>,
) =>
  locationOf({
    databaseUrl: Option.fromNullishOr(databaseUrl),
    dataDir: Option.fromNullishOr(dataDir),
  }).pipe(
    Effect.provideService(
      ConfigProvider.ConfigProvider,
      ConfigProvider.fromEnv({ env: environment }),
    ),
  )

describe("the database that is asked", () => {
  it.effect("is the one that is typed, whatever the environment says", () =>
    Effect.gen(function* () {
      expect(yield* located({ dataDir: "here" }, { ONYMOUS_DATABASE_URL: url })).toBe("here")
      expect(yield* located({ databaseUrl: url }, { ONYMOUS_DATA_DIR: "there" })).toBe(url)
    }),
  )

  it.effect("is the environment's where none is typed, and a directory where nothing is said", () =>
    Effect.gen(function* () {
      expect(yield* located({}, { ONYMOUS_DATABASE_URL: url })).toBe(url)
      expect(yield* located({}, { ONYMOUS_DATA_DIR: "there" })).toBe("there")
      expect(yield* located({}, {})).toBe(".onymous")
    }),
  )

  it.effect("is none where two are typed, or what is no address", () =>
    Effect.gen(function* () {
      const both = yield* Effect.flip(located({ databaseUrl: url, dataDir: "here" }, {}))
      expect(both.message).toContain("expected one of them")
      const wrong = yield* Effect.flip(located({ databaseUrl: "here" }, {}))
      expect(wrong.message).toContain("--database-url: expected postgres://…")
    }),
  )
})
