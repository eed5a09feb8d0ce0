import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { runInNewContext } from "node:vm"
import { EventLog } from "@onymous/log/EventLog"
import { ask, memory, project } from "./serverSupport.ts"

const origin = "https://shop.example"
const noFlags = {
  flags: {},
  featureFlags: {},
  featureFlagPayloads: {},
  errorsWhileComputingFlags: false,
}
const config = {
  analytics: { endpoint: "/i/v0/e/" },
  supportedCompression: ["gzip", "gzip-js", "base64"],
  hasFeatureFlags: false,
  sessionRecording: false,
  toolbarParams: {},
}

interface Question {
  readonly path: string
  readonly query?: string
  readonly methods: ReadonlyArray<"GET" | "POST">
  readonly answer: unknown
}

const both = ["GET", "POST"] as const
const questions: ReadonlyArray<Question> = [
  { path: "/flags", query: "?v=2", methods: both, answer: noFlags },
  { path: "/flags", query: "?v=2&config=true", methods: both, answer: { ...config, ...noFlags } },
  { path: "/decide", query: "?v=3", methods: both, answer: { ...config, ...noFlags } },
  { path: "/decide", query: "?v=2", methods: both, answer: { featureFlags: {} } },
  { path: "/decide", query: "?v=1", methods: both, answer: { ...config, featureFlags: [] } },
  { path: "/decide", methods: both, answer: { featureFlags: [] } },
  { path: "/array/phc_a/config", query: "?ip=0&_=1", methods: ["GET"], answer: config },
  { path: "/surveys", methods: ["GET"], answer: { surveys: [] } },
  { path: "/api/surveys", query: "?token=phc_a", methods: ["GET"], answer: { surveys: [] } },
  {
    path: "/api/feature_flag/local_evaluation",
    query: "?token=phc_a&send_cohorts",
    methods: ["GET"],
    answer: { flags: [], group_type_mapping: {}, cohorts: {} },
  },
  {
    path: "/flags/definitions",
    query: "?token=phc_a&send_cohorts",
    methods: ["GET"],
    answer: { flags: [], group_type_mapping: {}, cohorts: {} },
  },
  { path: "/s", query: "?ip=1", methods: ["POST"], answer: { status: 1 } },
]

const asked = questions.flatMap(({ methods, path, query = "", answer }) =>
  methods.flatMap((method) =>
    ["", "/"].map((slash) => ({ method, address: `${path}${slash}${query}`, answer })),
  ),
)

layer(memory, { excludeTestServices: true })("quiet answers", (it) => {
  it.effect.each(asked)("$method $address", ({ method, address, answer }) =>
    Effect.gen(function* () {
      const { status, headers, text } = yield* ask(address, {
        method,
        headers: { origin },
        ...(method === "POST" && { body: JSON.stringify({ token: "phc_a", distinct_id: "u" }) }),
      })
      expect(status).toBe(200)
      expect(headers.get("content-type")).toContain("application/json")
      expect(JSON.parse(text)).toMatchObject(Object(answer))
      expect(headers.get("access-control-allow-origin")).toBe(origin)
      expect(headers.get("access-control-allow-credentials")).toBe("true")
    }),
  )

  it.effect.each(asked.filter(({ address }) => !address.includes("?")))(
    "a browser may ask before $method $address",
    ({ address, method }) =>
      Effect.gen(function* () {
        const { status, headers } = yield* ask(address, {
          method: "OPTIONS",
          headers: {
            origin,
            "access-control-request-method": method,
            "access-control-request-headers": "content-type, x-posthog-session-id",
          },
        })
        expect(status).toBe(204)
        expect(headers.get("access-control-allow-origin")).toBe(origin)
        expect(headers.get("access-control-allow-headers")).toBe(
          "content-type, x-posthog-session-id",
        )
      }),
  )

  it.effect("what is asked as JSON comes as JSON in a script that posthog-js knows", () =>
    Effect.gen(function* () {
      const window: Record<string, unknown> = {}
      for (const token of ["phc_a", "phc_b"]) {
        const { status, headers, text } = yield* ask(`/array/${token}/config.js`)
        expect(status).toBe(200)
        expect(headers.get("content-type")).toContain("application/javascript")
        // A cache must not give an answer without an origin to a page that has one.
        expect(headers.get("vary")).toBe("Origin")
        runInNewContext(text, { window })
      }
      const json = JSON.parse((yield* ask("/array/phc_a/config")).text)
      // Told that there are no surveys, posthog-js would ask for the script that shows them.
      expect(json).not.toHaveProperty("surveys")
      const expected = { config: json, siteApps: [] }
      const found: unknown = JSON.parse(JSON.stringify(window["_POSTHOG_REMOTE_CONFIG"]))
      expect(found).toEqual({ phc_a: expected, phc_b: expected })
    }),
  )

  it.effect("a token cannot break out of the script", () =>
    Effect.gen(function* () {
      const token = `"];window.broken=1;//</script>`
      const { text } = yield* ask(`/array/${encodeURIComponent(token)}/config.js`)
      const window: Record<string, unknown> = {}
      runInNewContext(text, { window })
      expect(window["broken"]).toBeUndefined()
      expect(Object.keys(Object(window["_POSTHOG_REMOTE_CONFIG"]))).toEqual([token])
    }),
  )

  it.effect("recordings are taken whole, and nothing of them is kept", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const before = (yield* log.head(project)).position
      const body = "x".repeat(5_000_000)
      expect((yield* ask("/s/", { method: "POST", body })).status).toBe(200)
      expect((yield* log.head(project)).position).toBe(before)
    }),
  )
})
