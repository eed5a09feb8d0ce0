import { ConfigProvider, Effect, Option } from "effect"
import { GlobalFlag } from "effect/cli"
import { type ChildProcess, spawn } from "node:child_process"
import { EventEmitter, once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type IncomingHttpHeaders } from "node:http"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ProjectorMetrics from "@onymous/projector/ProjectorMetrics"
import * as PrometheusText from "@onymous/server/telemetry/PrometheusText"
import { levelOf } from "../src/flags/ServerFlags.ts"
import * as InProcess from "./InProcess.ts"
import { announced, bin, stopped } from "./Serving.ts"

const token = "phc_token_of_the_shop"
const key = "onk_sesame_of_the_shop_that_nobody_guesses"
const metricsKey = "sesame-of-prometheus-that-nobody-guesses"

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A collector of OpenTelemetry, which keeps what comes. */
const collecting = () => {
  const received: Array<Received> = []
  const arrivals = new EventEmitter()
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk: Buffer) => (body += chunk))
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body })
      response.end("{}")
      arrivals.emit("arrival")
    })
  })
  /** Waits until `find` finds something in the requests. */
  const until = async <A>(
    find: (received: ReadonlyArray<Received>) => A | undefined,
  ): Promise<A> => {
    while (true) {
      const found = find(received)
      if (found !== undefined) return found
      await once(arrivals, "arrival")
    }
  }
  return { server, received, until }
}

const collector = collecting()
let directory = ""
let child: ChildProcess
let url = ""
let stderr = ""

const capture = (...batch: ReadonlyArray<object>) =>
  fetch(`${url}/batch/?token=${token}&ip=1`, {
    method: "POST",
    body: JSON.stringify({ api_key: token, batch }),
  })

const identified = (distinct_id: string, anonymous: string) => ({
  event: "$identify",
  distinct_id,
  properties: { $anon_distinct_id: anonymous },
})

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "onymous-telemetry-"))
  collector.server.listen(0, "127.0.0.1")
  await once(collector.server, "listening")
  const address = collector.server.address()
  const port = typeof address === "object" ? address?.port : 0
  const flags = ["--port", "0", "--data-dir", directory, "--log-format", "json"]
  child = spawn(process.execPath, [bin, "serve", ...flags, "--token", token, "--key", key], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ONYMOUS_METRICS_KEY: metricsKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=sesame%20of%20the%20collector",
      OTEL_SERVICE_NAME: "shop",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
    },
  })
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk))
  url = (await announced(child)).url
  await capture(identified("ann", "phone"), identified("bob", "phone"), {
    event: "paid",
    distinct_id: "cid",
  })
  await capture(identified("bob", "phone"))
  await fetch(`${url}/batch/`, {
    method: "POST",
    body: JSON.stringify({ api_key: "phc_of_nobody_that_is_long", batch: [{ event: "e" }] }),
  })
}, 600_000)

afterAll(async () => {
  child.kill("SIGKILL")
  collector.server.close()
  collector.server.closeAllConnections()
  rmSync(directory, { recursive: true, force: true })
})

interface Attribute {
  readonly key: string
  readonly value: object
}

const attributesOf = (attributes: ReadonlyArray<Attribute>) =>
  Object.fromEntries(attributes.map(({ key: name, value }) => [name, Object.values(value)[0]]))

/** The spans that came, with a name. */
const spansOf = (received: ReadonlyArray<Received>, name: string) =>
  received
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => JSON.parse(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .filter((span) => span.name === name)
    .map((span) => ({ ...span, attributes: attributesOf(span.attributes) }))

/** The newest data points of a metric. */
const pointsOf = (received: ReadonlyArray<Received>, name: string) => {
  const newest = received.filter(({ path }) => path === "/v1/metrics").at(-1)
  if (newest === undefined) return []
  const metrics = JSON.parse(newest.body).resourceMetrics[0].scopeMetrics[0].metrics
  const found = metrics.find((metric: { readonly name: string }) => metric.name === name)
  const { dataPoints = [] } = found?.sum ?? found?.gauge ?? found?.histogram ?? {}
  return dataPoints.map((point: { readonly attributes: ReadonlyArray<Attribute> }) => ({
    ...point,
    attributes: attributesOf(point.attributes),
  }))
}

describe("a collector that the variables of OpenTelemetry name", () => {
  it("gets the span of a commit within that of its request, with its project and positions", async () => {
    const commit = await collector.until((received) =>
      spansOf(received, "EventLog.commit").find(
        ({ attributes }) => attributes["onymous.events"] === 3,
      ),
    )
    expect(commit.attributes).toMatchObject({
      "onymous.project": "1",
      "onymous.position.from": 1,
      "onymous.position.to": 3,
    })
    const request = await collector.until((received) =>
      spansOf(received, "POST").find(({ traceId }) => traceId === commit.traceId),
    )
    expect(request.attributes).toMatchObject({
      "url.path": "/batch/",
      "http.response.status_code": 200,
    })
    const page = await collector.until((received) => spansOf(received, "Projector.projectPage")[0])
    expect(page.attributes).toMatchObject({ "onymous.project": "1", "onymous.position.from": 1 })
  })

  it("gets the metrics, with attributes and units", async () => {
    const points = await collector.until((received) => {
      const found = pointsOf(received, "onymous.append.events")
      return found[0]?.asDouble === 4 ? found : undefined
    })
    expect(points).toMatchObject([{ attributes: { project: "1" } }])
    const [duration] = pointsOf(collector.received, "onymous.append.duration")
    expect(duration.attributes).toEqual({ outcome: "committed" })
    expect(duration.count).toBeGreaterThan(0)
  })

  it("gets the log, and knows who sends it", async () => {
    const log = await collector.until((received) =>
      received.find(({ path }) => path === "/v1/logs"),
    )
    expect(log.body).toContain("Refused 1 request with a token")
    expect(log.headers["x-api-key"]).toBe("sesame of the collector")
    const [{ resource }] = JSON.parse(log.body).resourceLogs
    expect(attributesOf(resource.attributes)).toMatchObject({
      "service.name": "shop",
      "service.version": "0.1.0",
      "deployment.environment.name": "test",
    })
  })

  it("gets no secret, no query, and no value of a statement", () => {
    const sent = collector.received.map(({ body }) => body).join("\n")
    expect(sent).toContain("/batch/")
    for (const secret of [token, key, metricsKey, "ip=1", "phc_of_nobody_that_is_long", "phone"]) {
      expect(sent).not.toContain(secret)
    }
  })
})

const metrics = async () => {
  const answer = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${metricsKey}` },
  })
  return answer.text()
}

const namesIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^(\w+?)(?:\{.*\})? [^ ]+$/gm)].map(([, name = ""]) => name)

describe("the dashboard for Grafana", () => {
  const dashboard: unknown = JSON.parse(
    readFileSync(resolve(import.meta.dirname, "../../server/grafana/onymous.json"), "utf8"),
  )
  const { panels, templating, schemaVersion, title, uid } = Object(dashboard)

  it("has the form that Grafana loads: each panel has an id, a place, a kind and what it asks", () => {
    expect({ schemaVersion, title, uid }).toEqual({
      schemaVersion: 39,
      title: "Onymous",
      uid: "onymous",
    })
    const variables = templating.list.map(({ name }: { readonly name: string }) => name)
    expect(variables).toEqual(["datasource", "instance", "project"])
    const ids = new Set(panels.map(({ id }: { readonly id: number }) => id))
    expect(ids.size).toBe(panels.length)
    for (const { type, gridPos, targets, datasource, description } of panels) {
      expect(["row", "stat", "timeseries"]).toContain(type)
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      if (type === "row") continue
      expect(datasource).toEqual({ type: "prometheus", uid: "${datasource}" })
      expect(description).toMatch(/\.$/)
      for (const { expr, refId } of targets)
        expect([typeof expr, refId]).toEqual(["string", expect.stringMatching(/^[A-Z]$/)])
    }
  })

  it("asks for nothing that a server does not tell", async () => {
    // A rebuild of few events is over before anybody can look.
    const rebuilding = await Effect.runPromise(
      Effect.andThen(
        ProjectorMetrics.rebuilding(ProjectId("1"), { position: 1, head: 2 }),
        PrometheusText.text,
      ),
    )
    await collector.until((received) =>
      pointsOf(received, "onymous.warnings")[0] ? true : undefined,
    )
    const told = new Set([...namesIn(await metrics()), ...namesIn(rebuilding)])
    const asked = JSON.stringify(dashboard).match(/onymous_\w+/g) ?? []
    expect(asked.length).toBeGreaterThan(20)
    expect([...new Set(asked)].filter((name) => !told.has(name))).toEqual([])
  })
})

it("a server that is told to end has sent everything, and told JSON alone, without secrets", async () => {
  await capture(identified("dora", "laptop"))
  expect(await stopped(child)).toBe(0)
  const points = pointsOf(collector.received, "onymous.append.events")
  expect(points[0]?.asDouble).toBe(5)
  const lines = stderr.split("\n").filter((line) => line !== "")
  const records = lines.map((line): { readonly message: string } => JSON.parse(line))
  expect(records.map(({ message }) => message)).toEqual(
    expect.arrayContaining(["Onymous is starting …", expect.stringContaining("Refused 1 request")]),
  )
  for (const secret of [token, key, metricsKey, "phc_of_nobody_that_is_long"]) {
    expect(stderr).not.toContain(secret)
  }
}, 600_000)

it("what the variables say wrongly is refused by its name, before anything is made", async () => {
  const data = join(directory, "refused")
  const refused = async (
    environment: Readonly<Record<string, string>>,
    ...flags: ReadonlyArray<string>
  ) => {
    for (const [name, text] of Object.entries(environment)) vi.stubEnv(name, text)
    const words = ["serve", "--data-dir", data, ...flags]
    const { code, stderr: said } = await InProcess.onymous(words)
    vi.unstubAllEnvs()
    expect({ code, isMade: existsSync(data) }).toEqual({ code: 2, isMade: false })
    return said.trimEnd()
  }
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }
  expect(await refused({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toBe(
    'OTEL_EXPORTER_OTLP_PROTOCOL: expected one of http/protobuf, http/json, not "grpc"',
  )
  expect(await refused({ OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" })).toContain(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
  )
  expect(await refused({}, "--log-format", "xml")).toBe(
    '--log-format: expected text or json, not "xml"',
  )
}, 600_000)

it("how much is told is what the flag says, else the variable", async () => {
  const levelWith = (typed: Option.Option<"Debug">, ONYMOUS_LOG_LEVEL: string) =>
    levelOf.pipe(
      Effect.provideService(GlobalFlag.LogLevel, typed),
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ONYMOUS_LOG_LEVEL } }))),
      Effect.runPromise,
    )
  expect(await levelWith(Option.none(), "warn")).toBe("Warn")
  expect(await levelWith(Option.some("Debug"), "warn")).toBe("Debug")
  await expect(levelWith(Option.none(), "loud")).rejects.toThrow(
    "ONYMOUS_LOG_LEVEL: expected one of all, ",
  )
})
