import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { onymous, serve } from "./Serving.ts"

const postgresUrl = inject("postgresUrl")

const opens = async (url: string, key: string): Promise<boolean> => {
  const headers = { authorization: `Bearer ${key}` }
  return (await fetch(`${url}/api/projects/1/status`, { headers })).ok
}

const onDatabase = (test: (location: ReadonlyArray<string>) => Promise<void>) =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.fresh(postgresUrl)
    yield* Effect.promise(() => test(["--database-url", url]))
  })

describe.skipIf(!postgresUrl)("on Postgres", () => {
  it.live(
    "a key opens from when it is made, and nothing from when it has ended, while servers run",
    () =>
      onDatabase(async (location) => {
        const server = await serve(location)
        const { stdout } = await onymous(["keys", "make", "ann", "--json", ...location])
        const { key } = JSON.parse(stdout)
        expect(await opens(server.url, key)).toBe(true)
        expect((await onymous(["keys", "end", "ann", ...location])).code).toBe(0)
        expect(await opens(server.url, key)).toBe(false)
        await server.kill()
      }),
    600_000,
  )

  it.live(
    "of several first starts at once, one shows a key, and that one opens",
    () =>
      onDatabase(async (location) => {
        const servers = await Promise.all([1, 2, 3].map(() => serve(location, [])))
        const shown = servers.flatMap(
          ({ told }) => /shown this once: {2}(\S+)/.exec(told)?.[1] ?? [],
        )
        expect(shown).toHaveLength(1)
        for (const { url } of servers) expect(await opens(url, shown[0] ?? "")).toBe(true)
        await Promise.all(servers.map(({ kill }) => kill()))
      }),
    600_000,
  )
})
