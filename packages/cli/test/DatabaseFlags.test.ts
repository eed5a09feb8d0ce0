import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { resolve } from "node:path"
import { locationOf } from "../src/flags/DatabaseFlags.ts"
import { numberOf, type Setting } from "../src/flags/Setting.ts"

const url = "postgres://localhost/one"

const typed = { databaseUrl: "--database-url", dataDir: "--data-dir" }
const variables = { databaseUrl: "ONYMOUS_DATABASE_URL", dataDir: "ONYMOUS_DATA_DIR" }

interface Texts {
  readonly databaseUrl?: string
  readonly dataDir?: string
}

const located = (flags: Texts, environment: Texts = {}) => {
  const given = (name: "databaseUrl" | "dataDir"): Option.Option<Setting> =>
    Option.fromNullishOr(flags[name]).pipe(
      Option.map((text) => ({ text, from: typed[name] })),
      Option.orElse(() =>
        Option.map(Option.fromNullishOr(environment[name]), (text) => ({
          text,
          from: variables[name],
        })),
      ),
    )
  return locationOf({ databaseUrl: given("databaseUrl"), dataDir: given("dataDir") })
}

const refusalOf = (flags: Texts, environment?: Texts) =>
  Effect.map(Effect.flip(located(flags, environment)), ({ message }) => message)

describe("the database that is asked", () => {
  it.effect("is the one that is typed, whatever the environment says", () =>
    Effect.gen(function* () {
      const here = yield* located({ dataDir: "here" }, { databaseUrl: url })
      expect(here).toEqual({
        text: "here",
        place: resolve("here"),
        directory: resolve("here"),
      })
      const server = yield* located({ databaseUrl: url }, { dataDir: "there" })
      expect(server).toEqual({ text: url, place: "Postgres at localhost/one" })
    }),
  )

  it.effect("is the environment's where none is typed, and a directory where nothing is said", () =>
    Effect.gen(function* () {
      expect(yield* located({}, { databaseUrl: url })).toMatchObject({ text: url })
      expect(yield* located({}, { dataDir: "there" })).toMatchObject({ text: "there" })
      expect(yield* located({})).toMatchObject({ text: ".onymous" })
    }),
  )

  it.effect("is none where two are given in one place", () =>
    Effect.gen(function* () {
      const both = { databaseUrl: url, dataDir: "here" }
      expect(yield* refusalOf(both)).toBe("--database-url or --data-dir: expected one of them")
      expect(yield* refusalOf({}, both)).toBe(
        "ONYMOUS_DATABASE_URL or ONYMOUS_DATA_DIR: expected one of them",
      )
    }),
  )

  it.effect("is none where one is not what its flag, or its variable, names", () =>
    Effect.gen(function* () {
      const expected = "expected postgres://…; --data-dir names a directory"
      expect(yield* refusalOf({ databaseUrl: "here" })).toBe(`--database-url: ${expected}`)
      expect(yield* refusalOf({ databaseUrl: "mysql://h/d" })).toBe(`--database-url: ${expected}`)
      expect(yield* refusalOf({}, { databaseUrl: "here" })).toBe(
        `ONYMOUS_DATABASE_URL: ${expected}`,
      )
      expect(yield* refusalOf({ dataDir: "" })).toBe("--data-dir: expected a directory")
      expect(yield* refusalOf({}, { dataDir: url })).toBe("ONYMOUS_DATA_DIR: expected a directory")
    }),
  )

  it.effect("is refused by what of its address is not understood", () =>
    Effect.gen(function* () {
      const asked = yield* refusalOf({ databaseUrl: `${url}?sslmode=no-verify` })
      expect(asked).toMatch(/^--database-url: sslmode: expected one of disable, prefer, /)
    }),
  )
})

describe("a number of the environment", () => {
  it.effect.each(["abc", "", "1.5", "-1", "70000", "1e3", "0x10"])(
    "is refused by its variable, with what was expected: %j",
    (text) =>
      Effect.gen(function* () {
        const refused = yield* Effect.flip(numberOf({ text, from: "ONYMOUS_PORT" }, 0, 65_535))
        expect(refused.message).toBe(
          `ONYMOUS_PORT: expected a whole number from 0 to 65535, not ${JSON.stringify(text)}`,
        )
      }),
  )
})
