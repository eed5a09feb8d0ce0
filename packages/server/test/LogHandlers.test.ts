import { expect, it as test, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Stream } from "effect"
import { zero } from "@onymous/identity/event/Position"
import { EventLog, EventLogError } from "@onymous/log/EventLog"
import * as TextLines from "@onymous/log/file/TextLines"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { ask, key, memory, on, operate, operatorKey, question, send, url } from "./serverSupport.ts"

const importing = (query: string, body: NonNullable<RequestInit["body"]>, secret = operatorKey) =>
  ask(`/api/import${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/x-ndjson" },
    body,
  })

const page = (query: string) =>
  Effect.map(question(`log?${query}`), ({ status, text }) => {
    expect({ status, text }).toMatchObject({ status: 200 })
    return JSON.parse(text)
  })

layer(memory, { excludeTestServices: true })("the log over HTTP", (it) => {
  it.effect("tells events in their order, acts and changes of the policy among them", () =>
    Effect.gen(function* () {
      const uuid = "00000000-0000-4000-8000-000000000007"
      const properties = { $anon_distinct_id: "ann's phone" }
      const first = yield* send({ event: "$identify", distinct_id: "ann", uuid, properties })
      const because = { by: "ben", reason: "a shared tablet" }
      yield* operate("PATCH policy", { buffer_enabled: false })
      yield* operate("POST persons/patch", { distinct_id: "ann", properties: { plan: "pro" } })
      yield* operate("POST retractions", { event_uuid: uuid, ...because })
      const { results, next } = yield* page(`after=${first - 1}`)
      expect(next).toBe(first + 3)
      expect(results).toMatchObject([
        { event: "$identify", distinct_id: "ann", source: "ann's phone", event_uuid: uuid },
        { event: "policy", policy: { buffer_enabled: false } },
        { api: "persons.patch", distinct_id: "ann", properties: { plan: "pro" } },
        { api: "events.retract", ...because, retracted_event_uuid: uuid },
      ])
      // A retraction has a uuid of its own, by which an operator can retract it.
      expect(results[3].event_uuid).not.toBe(uuid)
      const [, second] = results
      expect(yield* page(`after=${first}&limit=1`)).toEqual({ results: [second], next: first + 1 })
    }),
  )

  it.effect("has nothing after its end, unless one waits for what comes", () =>
    Effect.gen(function* () {
      const end = yield* send({ event: "e", distinct_id: "ann" })
      expect(yield* page(`after=${end}`)).toEqual({ results: [], next: end })
      const waiting = yield* Effect.forkChild(page(`after=${end}&wait`))
      const position = yield* send({ event: "later", distinct_id: "ann" })
      const { results } = yield* Fiber.join(waiting)
      expect(results).toMatchObject([{ position, event: "later" }])
    }),
  )

  it.effect("takes lines of files, tells bad ones by number, and takes none twice", () =>
    Effect.gen(function* () {
      const line = JSON.stringify({ event: "e", distinct_id: "cy" })
      const noUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])
      const body = Buffer.concat([Buffer.from(`${line}\n\n{}\n`), noUtf8, Buffer.from(`\n${line}`)])
      const counts = { lines: 5, reused: 0, bad: 2, projects: ["file"] }
      const taken = JSON.parse((yield* importing("?project=file&lines_before=10", body)).text)
      expect(taken).toMatchObject({ ...counts, added: 2, known: 0 })
      expect(taken.bad_lines).toMatchObject([
        { line: 13 },
        { line: 14, message: "line: expected UTF-8" },
      ])
      const again = JSON.parse((yield* importing("?project=file&lines_before=10", body)).text)
      expect(again).toMatchObject({ ...counts, added: 0, known: 2 })
      // Without uuids, lines are known by their place in the file.
      const elsewhere = JSON.parse((yield* importing("?project=file", body)).text)
      expect(elsewhere).toMatchObject({ ...counts, added: 2, known: 0 })
    }),
  )

  it.effect("refuses a line that does not end, by its number, and holds little of it", () =>
    Effect.gen(function* () {
      const line = JSON.stringify({ event: "e", distinct_id: "endless" })
      const body = `${line}\n${"x".repeat(3 * TextLines.bytesMax)}\n${line}`
      const { status, text } = yield* importing("?project=endless", body)
      expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 200, added: 2, bad: 1 })
      expect(JSON.parse(text).bad_lines).toEqual([
        { line: 2, message: `line: expected at most ${TextLines.bytesMax} bytes` },
      ])
      const bytes = Stream.fromIterable(
        Array.from({ length: 20 }, () => Buffer.alloc(1_048_576, "x")),
      )
      const [held = ""] = yield* Stream.runCollect(TextLines.fromBytes(bytes))
      expect(held).toHaveLength(TextLines.bytesMax + 1)
    }),
  )

  it.effect("takes lines from the operator alone, and by the type that they have", () =>
    Effect.gen(function* () {
      expect((yield* importing("", "{}", key)).status).toBe(401)
      const headers = { authorization: `Bearer ${operatorKey}`, "content-type": "text/plain" }
      const { status, text } = yield* ask("/api/import", { method: "POST", headers, body: "{}" })
      expect({ status, ...JSON.parse(text) }).toMatchObject({
        status: 400,
        field: "content-type",
        expected: "application/x-ndjson",
      })
    }),
  )

  it.effect("is exported as lines that come to the same events wherever they are taken", () =>
    Effect.gen(function* () {
      const headers = { authorization: `Bearer ${key}` }
      const exported = yield* ask("/api/projects/1/export", { headers })
      expect(exported.headers.get("content-type")).toBe("application/x-ndjson")
      const lines = exported.text.trim().split("\n")
      const known = JSON.parse((yield* importing("", exported.text)).text)
      expect(known).toMatchObject({ lines: lines.length, added: 0, known: lines.length, reused: 0 })
    }),
  )
})

/** A log that tells its first page, and then its database is gone. */
const breaking = Layer.effect(
  EventLog,
  Effect.map(EventLog, (log) =>
    EventLog.of({
      ...log,
      readPayloads: (question) =>
        question.after === zero
          ? log.readPayloads(question)
          : Effect.fail(new EventLogError({ reason: { _tag: "Unavailable", cause: "gone" } })),
    }),
  ),
).pipe(Layer.provide(logMemory))

test.live("an export that cannot go on is cut off, so that nobody takes it for whole", () => {
  const told: Array<unknown> = []
  const logger = Logger.layer([Logger.make(({ message }) => void told.push(message))])
  return Effect.gen(function* () {
    yield* send(...Array.from({ length: 1001 }, () => ({ event: "e", distinct_id: "ann" })))
    const headers = { authorization: `Bearer ${key}` }
    const address = `${yield* url}/api/projects/1/export`
    const answer = yield* Effect.promise(() => fetch(address, { headers }))
    expect(answer.status).toBe(200)
    const read = yield* Effect.promise(() =>
      answer.text().then(
        () => "whole",
        () => "cut off",
      ),
    )
    expect(read).toBe("cut off")
    expect(JSON.stringify(told)).toContain("The export of project 1 failed")
  }).pipe(Effect.provide(Layer.provideMerge(on(breaking), logger)))
})
