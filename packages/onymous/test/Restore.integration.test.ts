import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"

const postgresUrl = inject("postgresUrl")

const opened = <A>(database: string, use: (onymous: Onymous) => Promise<A>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => Onymous.open({ database, policy: { buffer_enabled: false } })),
    (onymous) => Effect.promise(() => use(onymous)),
    (onymous) => Effect.promise(() => onymous.close()),
  )

const captured = (onymous: Onymous, from: number, to: number) =>
  Promise.all(
    Array.from({ length: to - from }, (_, n) =>
      onymous.identify({ distinctId: `user-${(from + n) % 7}`, anonymousId: `device-${from + n}` }),
    ),
  )

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live("a dump is restored over the same database, and all goes on from there", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const file = join(mkdtempSync(join(tmpdir(), "onymous-dump-")), "dump")
      yield* opened(url, async (onymous) => {
        await captured(onymous, 0, 20)
        await onymous.rebuild()
      })
      execFileSync("pg_dump", ["-Fc", "-f", file, url])
      yield* opened(url, (onymous) => captured(onymous, 20, 40))
      execFileSync("pg_restore", ["--clean", "--exit-on-error", "-d", url, file], { stdio: "pipe" })
      yield* opened(url, async (onymous) => {
        expect(await onymous.person("device-30")).toBeUndefined()
        expect((await onymous.person("device-13"))?.distinctIds).toContain("user-6")
        const [first] = await captured(onymous, 50, 51)
        expect(first?.position).toBe(22)
        expect(await onymous.verify()).toMatchObject({ isOk: true })
        expect(await onymous.rebuild()).toMatchObject({ comparison: { isSame: true } })
      })
    }),
  )
})
