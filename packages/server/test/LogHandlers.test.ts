import { expect, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { memory, operate, question, send } from "./serverSupport.ts"

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
      // A retraction is undone by its own uuid.
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
})
