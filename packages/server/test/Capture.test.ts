import { expect, it, layer } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { connect } from "node:net"
import { gzipSync } from "node:zlib"
import { EventLog, EventLogError, type EventLogReason } from "@onymous/log/EventLog"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import { ask, memory, on, other, project, token, url } from "./serverSupport.ts"

const event = { api_key: token, event: "e", distinct_id: "u" }

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
})

const head = Effect.gen(function* () {
  return (yield* (yield* EventLog).head(project)).position
})

layer(memory, { excludeTestServices: true })("capture", (it) => {
  it.effect("what was sent again with its uuid is there once", () =>
    Effect.gen(function* () {
      const uuid = "0190a0b0-0000-7000-8000-000000000001"
      const batch = post({ api_key: token, batch: [{ ...event, uuid }, event] })
      yield* ask("/batch", batch)
      const before = yield* head
      expect((yield* ask("/e", post({ ...event, uuid }))).status).toBe(200)
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("a request with one wrong event leaves nothing behind", () =>
    Effect.gen(function* () {
      const before = yield* head
      const wrong = [event, event, event, { event: "e" }]
      const { status, text } = yield* ask("/batch", post({ api_key: token, batch: wrong }))
      expect(status).toBe(400)
      expect(JSON.parse(text)).toEqual({
        type: "validation_error",
        code: "invalid_payload",
        detail: "batch[3].distinct_id: expected a text that is not blank",
        attr: "batch[3].distinct_id",
      })
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("what is wrong with a field is told with its name, and of a body without one", () =>
    Effect.gen(function* () {
      for (const [body, attr, expected] of [
        [{ api_key: token, batch: [null] }, "batch[0]", "a JSON object"],
        [{ api_key: token, batch: 1 }, "batch", "an array of events"],
        [{ ...event, properties: 1 }, "properties", "a JSON object"],
        [null, null, "an event, an array of events or a batch"],
      ] as const) {
        const { status, text } = yield* ask("/e/", post(body))
        expect({ status, ...JSON.parse(text) }).toMatchObject({
          status: 400,
          attr,
          detail: `${attr === null ? "" : `${attr}: `}expected ${expected}`,
        })
      }
    }),
  )

  it.effect("events without an effect are answered with where the log ends, like all others", () =>
    Effect.gen(function* () {
      yield* ask("/e", post(event))
      const before = yield* head
      for (const path of ["/e/", "/e/?beacon=1"]) {
        const { headers } = yield* ask(path, post({ ...event, event: "" }))
        expect(headers.get("x-onymous-position")).toBe(`${before}`)
      }
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("the events of another project's token are the other project's", () =>
    Effect.gen(function* () {
      const before = yield* head
      expect((yield* ask("/e", post({ ...event, api_key: other.token }))).status).toBe(200)
      expect(yield* head).toBe(before)
      expect((yield* (yield* EventLog).head(other.id)).position).toBe(1)
    }),
  )

  it.effect("a beacon is answered without a body", () =>
    Effect.gen(function* () {
      const { status, text } = yield* ask("/e/?beacon=1", post(event))
      expect({ status, text }).toEqual({ status: 204, text: "" })
    }),
  )

  it.effect("pages of any origin may send, with cookies, and see what went wrong", () =>
    Effect.gen(function* () {
      const origin = "https://shop.example"
      const asked = { origin, "access-control-request-headers": "x-one, x-two" }
      const preflight = yield* ask("/e/", { method: "OPTIONS", headers: asked })
      const sent = yield* ask("/e/", post(event, { origin }))
      const refused = yield* ask("/e/", post({}, { origin }))
      expect([preflight.status, sent.status, refused.status]).toEqual([204, 200, 401])
      expect(preflight.headers.get("access-control-allow-headers")).toBe("x-one, x-two")
      for (const { headers } of [preflight, sent, refused]) {
        expect(headers.get("access-control-allow-origin")).toBe(origin)
        expect(headers.get("access-control-allow-credentials")).toBe("true")
      }
    }),
  )

  it.effect("a body too large hears 413 at every door, and the server lives", () =>
    Effect.gen(function* () {
      const before = yield* head
      const sized = (bytes: number) => ({ ...event, properties: { large: "x".repeat(bytes) } })
      const large = (bytes: number) => post(sized(bytes))
      const bomb = gzipSync(Buffer.alloc(100_000_000, " "))
      const answers = [
        yield* ask("/i/v0/e/", large(2_100_000)),
        yield* ask("/batch/", large(21_000_000)),
        yield* ask("/e/", large(120_000_000)),
        yield* ask("/e/", post(bomb)),
      ]
      // Beyond 128 MiB, the server may cut off a client that goes on sending before it hears the answer.
      const cut = yield* Effect.exit(ask("/e/", large(150_000_000)))
      if (Exit.isSuccess(cut)) answers.push(cut.value)
      for (const { status, text } of answers) {
        expect(status).toBe(413)
        expect(JSON.parse(text)).toMatchObject({ code: "payload_too_large", attr: null })
      }
      expect(yield* head).toBe(before)
      const batch = post({ api_key: token, batch: Array(20).fill(sized(1_000_000)) })
      expect((yield* ask("/batch/", batch)).status).toBe(200)
      expect(yield* head).toBe(before + 20)
    }),
  )

  it.effect("one event takes 1 MiB of JSON at most, in bytes", () =>
    Effect.gen(function* () {
      const before = yield* head
      for (const large of ["x".repeat(1_048_577), "é".repeat(524_288)]) {
        const batch = [event, { ...event, properties: { large } }]
        const { status, text } = yield* ask("/batch/", post({ api_key: token, batch }))
        expect(status).toBe(400)
        expect(JSON.parse(text)).toMatchObject({
          code: "invalid_payload",
          detail: "batch[1].event: expected at most 1048576 bytes of JSON",
        })
      }
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("a client that goes away in the middle leaves nothing behind", () =>
    Effect.gen(function* () {
      const before = yield* head
      const body = JSON.stringify(event)
      const request = `POST /e/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length + 9}\r\n\r\n${body}`
      yield* broken(new URL(yield* url), request)
      expect((yield* ask("/e/", post(event))).status).toBe(200)
      expect(yield* head).toBe(before + 1)
    }),
  )

  it.effect("an address that is none is refused, not a failure of the server", () =>
    Effect.gen(function* () {
      const answer = yield* broken(
        new URL(yield* url),
        "POST http://[/e HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
      )
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d/)
    }),
  )
})

/** Sends raw bytes, and hangs up when the server has had time to answer. */
const broken = ({ hostname, port }: URL, request: string) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve) => {
        let answer = ""
        const socket = connect(Number(port), hostname)
        socket.on("data", (chunk) => (answer += String(chunk)))
        socket.on("close", () => resolve(answer))
        socket.write(request)
        setTimeout(() => socket.destroy(), 200)
      }),
  )

/** A log that takes no events. */
const refusing = (reason: EventLogReason) =>
  Layer.effect(
    EventLog,
    Effect.map(EventLog, (log) =>
      EventLog.of({ ...log, append: () => Effect.fail(new EventLogError({ reason })) }),
    ),
  ).pipe(Layer.provide(layerMemory))

it.live("a log that is full says 429 and when to come again", () =>
  Effect.gen(function* () {
    const { status, headers, text } = yield* ask("/e/", post(event))
    expect({ status, after: headers.get("retry-after") }).toEqual({ status: 429, after: "7" })
    expect(JSON.parse(text)).toMatchObject({ type: "throttled_error", attr: null })
  }).pipe(Effect.provide(on(refusing({ _tag: "Overloaded", retryAfterSeconds: 7 })))),
)

it.live("a log that does not answer says 503, and nothing of why", () =>
  Effect.gen(function* () {
    const { status, headers, text } = yield* ask("/e/", post(event))
    expect({ status, after: headers.get("retry-after") }).toEqual({ status: 503, after: "1" })
    expect(text).not.toContain("secret")
  }).pipe(Effect.provide(on(refusing({ _tag: "Unavailable", cause: "secret" })))),
)
