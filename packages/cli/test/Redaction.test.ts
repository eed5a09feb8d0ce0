import { describe, expect, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import * as LogLines from "../src/telemetry/LogLines.ts"
import * as ProcessSecrets from "../src/telemetry/ProcessSecrets.ts"
import * as Redaction from "../src/telemetry/Redaction.ts"

const words = ["serve", "--key", "sesame-of-project-1", "--operator-key=sesame-of-the-operator"]

const environment = {
  ONYMOUS_METRICS_KEY: "sesame-for-prometheus",
  ONYMOUS_DATABASE_URL: "postgres://shop:sesame%2Fof%22the%22database@db.example/shop",
  OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=sesame%20of%20the%20collector,x-tenant=shop",
  PGPASSWORD: "sesame of libpq",
}

const redact = Redaction.of(ProcessSecrets.of(words, environment))

describe("a text that is told has no secret in it", () => {
  it.each([
    ["a key that was typed", "The key sesame-of-project-1 is wrong", "The key [redacted] is wrong"],
    ["one after an equals sign", "(sesame-of-the-operator)", "([redacted])"],
    ["one of the environment", "sesame-for-prometheus", "[redacted]"],
    ["the database's password as it is meant", 'says sesame/of"the"database', "says [redacted]"],
    ["as it stands in the address", "sesame%2Fof%22the%22database", "[redacted]"],
    ["as it stands in JSON", '{"a":"sesame/of\\"the\\"database"}', '{"a":"[redacted]"}'],
    ["what lets in at a collector", "sesame of the collector", "[redacted]"],
    ["libpq's password", "sesame of libpq", "[redacted]"],
    ["a made key", "onk_8m8JPHJUmxX6d7Ln-oGsOW", "onk_[redacted]"],
    ["a token in a path", "/array/phc_8m8JPHJUmxX6d7Ln/config", "/array/phc_[redacted]/config"],
    [
      "any address's password",
      "at redis://me:hunter2@cache:1/0",
      "at redis://me:[redacted]@cache:1/0",
    ],
    ["a header", "authorization: Bearer abc.def", "authorization: [redacted]"],
    [
      "a header in JSON",
      '{"Authorization":"Basic YTpi","a":1}',
      '{"Authorization":"[redacted]","a":1}',
    ],
    ["a short header", "Authorization: a", "Authorization: [redacted]"],
    ["a header that begins as ours", "authorization: Bearer onk_a", "authorization: [redacted]"],
    ["a scheme alone", "sent Bearer abcdefgh.ijk and more", "sent Bearer [redacted] and more"],
    ["a parameter", "GET /e/?token=secret&ip=1", "GET /e/?token=[redacted]&ip=1"],
    [
      "a word of a connection",
      "host=db password=hunter2 port=1",
      "host=db password=[redacted] port=1",
    ],
    ["a field of JSON", '{"api_key":"abc","event":"e"}', '{"api_key":"[redacted]","event":"e"}'],
    [
      "a field of JSON in JSON",
      '"{\\"password\\":\\"abc\\"}"',
      '"{\\"password\\":\\"[redacted]\\"}"',
    ],
  ])("%s", (_, text, told) => {
    expect(redact(text)).toBe(told)
  })

  it.each([
    "--key: expected another text than the token, which is public",
    "Refused 1 request with a token phc_wrong_to… (401 invalid_api_key).",
    "The persons of project 1 are kept up to date again.",
    "Send the secret key of this project, or the operator's, as `Authorization: Bearer onk_…`.",
    "Send the operator's key as `Authorization: Bearer …`: `onymous serve --operator-key` sets it.",
    "Onymous is at http://127.0.0.1:8000/docs: ask ann@shop.example",
  ])("a text without one is told as it is: %s", (text) => {
    expect(redact(text)).toBe(text)
  })
})

/** What an effect tells on standard error. */
const toldBy = Effect.fnUntraced(function* (effect: Effect.Effect<void>, format: LogLines.Format) {
  const lines: Array<string> = []
  const write = (line: string) => void lines.push(line)
  const console = LogLines.redacting(
    { ...globalThis.console, log: write, error: (...said) => void lines.push(said.join(" ")) },
    redact,
  )
  yield* effect.pipe(
    Effect.provide(LogLines.layer(format, redact, write)),
    Effect.provideService(Console.Console, console),
  )
  return lines
})

const secretive = Effect.gen(function* () {
  yield* Console.error("starting with sesame-of-project-1")
  yield* Effect.logWarning("sent", { authorization: "Bearer 1234" }).pipe(
    Effect.annotateLogs({ url: "postgres://shop:hunter2@db/shop" }),
  )
  yield* Effect.logError("It failed", new Error("for sesame-of-the-operator"))
})

it.effect("a log of JSON is a line of JSON for each that is told, without secrets", () =>
  Effect.gen(function* () {
    const lines = yield* toldBy(secretive, "json")
    const records: ReadonlyArray<unknown> = lines.map((line) => JSON.parse(line))
    expect(records).toMatchObject([
      { level: "INFO", message: "starting with [redacted]" },
      {
        level: "WARN",
        message: ["sent", { authorization: "[redacted]" }],
        annotations: { url: "postgres://shop:[redacted]@db/shop" },
      },
      { level: "ERROR" },
    ])
    expect(lines.join()).not.toMatch(/sesame|hunter2|1234/)
    expect(lines[2]).toContain("It failed")
  }),
)

it.effect("what is told as text has no secret in it either", () =>
  Effect.gen(function* () {
    const lines = yield* toldBy(Console.error("starting with sesame-of-project-1"), "text")
    expect(lines).toEqual(["starting with [redacted]"])
  }),
)

it("serve alone has a log of JSON, by a flag that wins over the variable", () => {
  const json = { ONYMOUS_LOG_FORMAT: "json" }
  expect(LogLines.isJson(["serve"], json)).toBe(true)
  expect(LogLines.isJson(["serve", "--log-format=json"], {})).toBe(true)
  expect(LogLines.isJson(["serve", "--log-format", "text"], json)).toBe(false)
  expect(LogLines.isJson(["persons"], json)).toBe(false)
})
