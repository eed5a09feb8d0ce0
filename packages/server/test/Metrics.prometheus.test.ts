import { expect, it } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { Projector } from "@onymous/projector/Projector"
import * as Machine from "@onymous/tidy/testing/Machine"
import { on, send, url } from "./serverSupport.ts"

const prometheus = Machine.prometheus()
const metricsKey = "for-prometheus-alone-that-nobody-guesses"

/** A port that is free now. */
const freePort = Effect.promise(async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" ? (address?.port ?? 0) : 0
})

/** Starts a Prometheus that reads a server each second, until the end of the scope; answers with its address. */
const reading = Effect.fnUntraced(function* (command: string, target: string) {
  const home = mkdtempSync(join(tmpdir(), "onymous-prometheus-"))
  const port = yield* freePort
  const config = {
    scrape_configs: [
      {
        job_name: "onymous",
        scrape_interval: "1s",
        authorization: { credentials: metricsKey },
        static_configs: [{ targets: [target] }],
      },
    ],
  }
  const file = join(home, "prometheus.yml")
  writeFileSync(file, JSON.stringify(config))
  const address = `127.0.0.1:${port}`
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(home, "data")}`]
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(command, [...flags, `--web.listen-address=${address}`], { stdio: "ignore" }),
    ),
    (child) =>
      Effect.promise(async () => {
        const gone = once(child, "exit")
        child.kill()
        await gone
        rmSync(home, { recursive: true, force: true })
      }),
  )
  return `http://${address}`
})

const Found = Schema.Struct({
  data: Schema.Struct({
    result: Schema.Array(
      Schema.Struct({
        metric: Schema.Record(Schema.String, Schema.String),
        value: Schema.Tuple([Schema.Finite, Schema.String]),
      }),
    ),
  }),
})

/** The first result of a query, once Prometheus has one. */
const readBy = (address: string, query: string) =>
  Effect.tryPromise(async () => {
    const answer = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(query)}`)
    const { data } = Schema.decodeUnknownSync(Found)(await answer.json())
    const [first] = data.result
    if (first === undefined) throw new Error("It has read nothing of it yet.")
    return { project: first.metric["project"], value: Number(first.value[1]) }
  }).pipe(Effect.retry(Schedule.spaced("100 millis")))

it.live.skipIf(prometheus === undefined)("a real Prometheus reads the metrics with their key", () =>
  Effect.gen(function* () {
    yield* Effect.forkScoped((yield* Projector).run)
    yield* send({ event: "seen", distinct_id: "ann", properties: { $set: { plan: "pro" } } })
    const address = yield* reading(prometheus ?? "", new URL(yield* url).host)
    expect(yield* readBy(address, 'up{job="onymous"} == 1')).toMatchObject({ value: 1 })
    expect(yield* readBy(address, "onymous_projector_gap")).toMatchObject({ project: "1" })
    expect(yield* readBy(address, "onymous_page_events_total > 0")).toEqual({
      project: "1",
      value: 1,
    })
    expect(
      (yield* readBy(address, "histogram_quantile(1, onymous_page_duration_seconds_bucket) > 0"))
        .value,
    ).toBeGreaterThan(0)
  }).pipe(Effect.provide(on(logMemory, personsMemory, { metricsKey }))),
)
