import { PgClient } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Redacted, Schedule } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { randomUUID } from "node:crypto"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { isWhole, settled } from "./KillContract.ts"
import { key, serve, setPolicy, token } from "./Serving.ts"

const postgresUrl = inject("postgresUrl")

/** For how many seconds the test ends sessions; a minute shows more. */
const seconds = Number(process.env["ONYMOUS_CUT_SECONDS"] ?? 20)

const interval = "200 millis"

const clients = 4

/** The number of families of ids: a retraction folds one family again, and not the whole log. */
const families = 200

/** A load on a server, and its results. */
class Load {
  readonly accepted = new Set<string>()
  /** The number of answers of each status. */
  readonly statuses = new Map<number, number>()
  readonly rebuilds: Array<string> = []
  retracted = 0
  #batches = 0
  isOver = false

  /** Asks once, and counts the answer: a lost session may lead to 429 or 503, and to no other error. */
  async ask(url: string, init: RequestInit = {}) {
    const response = await fetch(url, {
      ...init,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    })
    const { status, headers } = response
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    return { status, headers, text: await response.text() }
  }

  /** Asks until the answer is neither 429 nor 503. */
  async answer(url: string, init?: RequestInit) {
    while (true) {
      const answer = await this.ask(url, init)
      if (answer.status !== 429 && answer.status !== 503) return answer
    }
  }

  /** Twenty events of one family, in which ids are merged and wait for each other. */
  batch() {
    const family = this.#batches++ % families
    return Array.from({ length: 20 }, (_, index) => ({
      uuid: randomUUID(),
      event: index % 3 === 0 ? "$identify" : "e",
      distinct_id: `user-${family}-${index % 2}`,
      properties: { $anon_distinct_id: `anon-${family}-${index}`, $set: { index } },
    }))
  }
}

/** Sends each batch, with the same uuids, until the server takes it, and waits for its persons. */
const sendAll = async (url: string, load: Load): Promise<void> => {
  while (!load.isOver) {
    const batch = load.batch()
    const body = JSON.stringify({ api_key: token, batch })
    const { headers } = await load.answer(`${url}/batch/`, { method: "POST", body })
    for (const { uuid } of batch) load.accepted.add(uuid)
    const position = headers.get("x-onymous-position")
    await load.answer(`${url}/api/projects/1/status?min_position=${position}`)
  }
}

/** Rebuilds again and again, each time to its end or its failure, and keeps the last line. */
const rebuildAll = async (url: string, load: Load): Promise<void> => {
  while (!load.isOver) {
    const { text } = await load.ask(`${url}/api/projects/1/rebuild`, { method: "POST" })
    load.rebuilds.push(text.trim().split("\n").at(-1) ?? "")
  }
}

/** Retracts accepted events, each once; after a lost answer it asks again, and is refused if the event is retracted. */
const retractAll = async (url: string, load: Load): Promise<void> => {
  const done = new Set<string>()
  while (!load.isOver) {
    const open = [...load.accepted.difference(done)]
    const event_uuid = open[Math.floor(Math.random() * open.length)]
    if (event_uuid === undefined) {
      await load.answer(`${url}/api/projects/1/status`)
      continue
    }
    done.add(event_uuid)
    const body = JSON.stringify({ event_uuid, by: "ann", reason: "a trial" })
    const asked = { method: "POST", body }
    const { status, text } = await load.answer(`${url}/api/projects/1/retractions`, asked)
    if (status === 400) expect(text).toContain("retract its retraction")
    load.retracted++
  }
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
    Effect.repeat(Schedule.spaced(interval)),
    Effect.timeoutOption(`${seconds} seconds`),
  )

describe.skipIf(!postgresUrl)("on Postgres", () => {
  it.live(
    "a session that is ended every 200 ms, under load, rebuilds and retractions, is a pause: nothing is lost or doubled",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const location = ["--database-url", url]
        const server = yield* Effect.promise(() => serve(location))
        // A short window, so that events are held and released meanwhile.
        yield* Effect.promise(() => setPolicy(server.url, { buffer_window_seconds: 1 }))
        const load = new Load()
        const working = [
          ...Array.from({ length: clients }, () => sendAll(server.url, load)),
          rebuildAll(server.url, load),
          retractAll(server.url, load),
        ]
        yield* cut(url)
        load.isOver = true
        yield* Effect.promise(() => Promise.all(working))
        const others = [...load.statuses.keys()].filter((each) => ![200, 429, 503].includes(each))
        // The server refuses a second request for a retraction whose first answer was lost.
        expect(others.filter((each) => each !== 400)).toEqual([])
        expect(load.statuses.get(400) ?? 0).toBeLessThanOrEqual(load.retracted)
        expect([...load.statuses.keys()]).toContain(503)
        expect([load.rebuilds.length, load.retracted].every((count) => count > 0)).toBe(true)
        const status = yield* Effect.promise(() => settled(server.url))
        expect(yield* Effect.promise(server.stop), "the server had lived").toBe(0)
        yield* Effect.promise(() => isWhole(location, load.accepted, status))
      }),
    1_200_000,
  )
})
