import { PgClient } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Redacted, Schedule } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { randomUUID } from "node:crypto"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { batch, isWhole, settled } from "./KillContract.ts"
import { key, serve, setPolicy, token } from "./Serving.ts"

const postgresUrl = inject("postgresUrl")

/** For how long sessions are ended, and how often one is. */
const cutting = { time: "20 seconds", interval: "200 millis" } as const

const clients = 4

/** What came of a load. */
interface Load {
  readonly accepted: Set<string>
  readonly statuses: Set<number>
  isOver: boolean
}

/** Sends each batch until it is taken, with the same uuids. */
const sendAll = async (url: string, load: Load): Promise<void> => {
  while (!load.isOver) {
    const uuids = Array.from({ length: 20 }, () => randomUUID())
    const body = JSON.stringify({ ...batch(uuids, load.accepted.size), api_key: token })
    let status = 0
    while (status !== 200) {
      const response = await fetch(`${url}/batch/`, { method: "POST", body })
      await response.text()
      status = response.status
      load.statuses.add(status)
    }
    for (const uuid of uuids) load.accepted.add(uuid)
  }
}

/** Rebuilds again and again, each time to its end or its failure, in words. */
const rebuildAll = async (url: string, load: Load): Promise<ReadonlyArray<string>> => {
  const ends: Array<string> = []
  while (!load.isOver) {
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${url}/api/projects/1/rebuild`, { method: "POST", headers })
    load.statuses.add(response.status)
    ends.push((await response.text()).trim().split("\n").at(-1) ?? "")
  }
  return ends
}

/** Ends the sessions of the server one by one, each at random. */
const cut = (url: string) =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1, applicationName: "cutter" }).pipe(
    Effect.flatMap(
      (sql) => sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'onymous'
        order by random() limit 1`,
    ),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    Effect.repeat(Schedule.spaced(cutting.interval)),
    Effect.timeoutOption(cutting.time),
  )

describe.skipIf(!postgresUrl)("on Postgres", () => {
  it.live(
    "a session that is ended every 200 ms, under load and rebuilds, is a pause: nothing is lost or doubled",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const location = ["--database-url", url]
        const server = yield* Effect.promise(() => serve(location))
        // A short window, so that events are held and released meanwhile.
        yield* Effect.promise(() => setPolicy(server.url, { buffer_window_seconds: 1 }))
        const load: Load = { accepted: new Set(), statuses: new Set(), isOver: false }
        const sending = Array.from({ length: clients }, () => sendAll(server.url, load))
        const rebuilding = rebuildAll(server.url, load)
        yield* cut(url)
        load.isOver = true
        yield* Effect.promise(() => Promise.all(sending))
        const rebuilds = yield* Effect.promise(() => rebuilding)
        expect(rebuilds.length).toBeGreaterThan(0)
        expect([...load.statuses].filter((status) => ![200, 429, 503].includes(status))).toEqual([])
        expect(load.statuses).toContain(503)
        const status = yield* Effect.promise(() => settled(server.url))
        expect(yield* Effect.promise(server.stop), "the server had lived").toBe(0)
        yield* Effect.promise(() => isWhole(location, load.accepted, status))
      }),
    1_200_000,
  )
})
