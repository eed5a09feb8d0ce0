import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { answers, key, memory, operate, order, send, ticking, until } from "./serverSupport.ts"

/** The event at a position, once the persons are there, or further. */
const eventAt = (position: number, reached = position) =>
  Effect.map(
    answers(`events?limit=1&before=${position + 1}&min_position=${reached}`),
    ({ results }) => results[0],
  )

const waiting = (query = "") => Effect.map(answers(`waiting?${query}`), ({ results }) => results)

const milliseconds = (time: unknown) => Date.parse(String(time))

layer(memory, { excludeTestServices: true })("an event of an unknown id", (it) => {
  it.effect("waits for a minute, which it says itself, and makes no person yet", () =>
    Effect.gen(function* () {
      const position = yield* send({ event: "e", distinct_id: "unknown" })
      const event = yield* eventAt(position)
      expect(event).toMatchObject({
        status: "pending",
        person_id: null,
        stamped_person_id: null,
        waiting: { reason: "unknown_distinct_id", released_position: null, released_by: null },
      })
      const [found] = yield* waiting()
      expect(found).toEqual({
        position,
        distinct_id: "unknown",
        due_at: expect.any(String),
        reason: "unknown_distinct_id",
        released_position: null,
        released_by: null,
        person_id: null,
      })
      expect(milliseconds(found?.["due_at"])).toBe(milliseconds(event?.["received_at"]) + 60_000)
      const asked = yield* answers("persons?distinct_id=unknown")
      expect(asked).toMatchObject({ results: [], waiting: [{ distinct_id: "unknown" }] })
      expect(yield* answers("persons?distinct_id=nobody")).not.toHaveProperty("waiting")
      const patch = { distinct_id: "unknown", properties: { a: 1 } }
      expect((yield* order("POST persons/patch", patch, key)).status).toBe(404)
    }),
  )

  it.effect("still waits when its id is merged, and what comes later does not wait", () =>
    Effect.gen(function* () {
      const first = yield* send({ event: "e", distinct_id: "anon" })
      const last = yield* send(
        { event: "$identify", distinct_id: "user", properties: { $anon_distinct_id: "anon" } },
        { event: "e", distinct_id: "anon" },
      )
      const [person] = (yield* answers(`persons?distinct_id=anon&min_position=${last}`)).results
      expect(yield* eventAt(first)).toMatchObject({ status: "pending", person_id: null })
      const attributed = { status: "attributed", person_id: person?.["person_id"], waiting: null }
      expect(yield* eventAt(last)).toMatchObject(attributed)
    }),
  )

  it.effect("does not wait where it identifies, is an alias, of a device, or of a phone", () =>
    Effect.gen(function* () {
      const position = yield* send(
        { event: "$identify", distinct_id: "n1" },
        { event: "$create_alias", distinct_id: "n2", properties: { alias: "n3" } },
        { event: "e", distinct_id: "n4", properties: { $device_id: "n4" } },
        { event: "e", distinct_id: "n5", properties: { $lib: "posthog-ios" } },
      )
      const { results } = yield* answers(`events?limit=4&min_position=${position}`)
      expect(results.map(({ status }) => status)).toEqual(Array(4).fill("attributed"))
    }),
  )

  it.effect("is listed newest first, page by page", () =>
    Effect.gen(function* () {
      const events = ["w1", "w2", "w3"].map((id) => ({ event: "e", distinct_id: id }))
      const position = yield* send(...events)
      const first = yield* answers(`waiting?limit=2&min_position=${position}`)
      expect(first.results.map(({ distinct_id }) => distinct_id)).toEqual(["w3", "w2"])
      expect(first.next).toBe(position - 1)
      const second = yield* answers(`waiting?limit=2&before=${first.next}`)
      expect(second.results[0]).toMatchObject({ distinct_id: "w1" })
    }),
  )

  it.effect("is released by the first event at or past its time, and processed before it", () =>
    Effect.gen(function* () {
      yield* operate("PATCH policy", { buffer_window_seconds: 1 })
      const held = yield* send({ event: "e", distinct_id: "late", properties: { $set: { a: 1 } } })
      const known = Effect.flatMap(send({ event: "$identify", distinct_id: "known" }), (position) =>
        Effect.map(eventAt(held, position), (event) => ({ event, position })),
      )
      const { event, position } = yield* until(
        known,
        ({ event }) => event?.["status"] !== "pending",
      )
      const [person] = (yield* answers("persons?distinct_id=late")).results
      expect(person).toMatchObject({ properties: { a: 1 }, is_identified: false })
      expect(event).toMatchObject({
        status: "attributed",
        person_id: person?.["person_id"],
        stamped_person_id: person?.["person_id"],
        waiting: { released_position: position, released_by: "event" },
      })
    }),
  )
})

layer(ticking, { excludeTestServices: true })("a quiet project", (it) => {
  it.effect("releases by a tick; who had waited is listed when asked for", () =>
    Effect.gen(function* () {
      yield* operate("PATCH policy", { buffer_window_seconds: 1 })
      const held = yield* send(
        { event: "e", distinct_id: "anon" },
        { event: "$identify", distinct_id: "user", properties: { $anon_distinct_id: "anon" } },
      )
      const first = yield* until(eventAt(held - 1), (event) => event?.["status"] !== "pending")
      const [person] = (yield* answers("persons?distinct_id=user")).results
      expect(first).toMatchObject({
        status: "attributed",
        person_id: person?.["person_id"],
        stamped_person_id: person?.["person_id"],
        waiting: { released_position: held + 1, released_by: "tick" },
      })
      expect(yield* waiting()).toEqual([])
      expect(yield* waiting("released=false")).toEqual([])
      expect(yield* waiting("released=true")).toMatchObject([
        {
          position: held - 1,
          distinct_id: "anon",
          released_position: held + 1,
          released_by: "tick",
          person_id: person?.["person_id"],
        },
      ])
      // The tick is the log's own: it is nobody's event.
      const { results } = yield* answers("events?limit=1")
      expect(results.map(({ event }) => event)).not.toContain("tick")
    }),
  )
})
