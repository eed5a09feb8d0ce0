import { expect, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import {
  answers,
  ask,
  key,
  listed,
  other,
  question,
  send,
  token,
  unbuffered,
} from "./serverSupport.ts"

const bad: ReadonlyArray<readonly [string, string, string]> = [
  ["persons?limit=0", "limit", "between 1 and 1000"],
  ["persons?limit=1001", "limit", "between 1 and 1000"],
  ["persons?limit=many", "limit", "number"],
  ["persons?limit=", "limit", "number"],
  ["persons?limit=1.5", "limit", "integer"],
  ["events?before=-1", "before", "greater than or equal to 0"],
  ["waiting?limit=0", "limit", "between 1 and 1000"],
  ["waiting?before=x", "before", "number"],
  ["waiting?released=yes", "released", '"true" | "false"'],
  ["persons?filter_internal=1", "filter_internal", '"true" | "false"'],
  ["events?filter_internal=", "filter_internal", '"true" | "false"'],
  ["policy?min_position=-1", "min_position", "greater than or equal to 0"],
  ["warnings?min_position=x", "min_position", "number"],
  ["warnings?search=a&search=b", "search", "string"],
  ["persons?distinctid=alice", "distinctid", "no such parameter"],
  ["events?search=a", "search", "no such parameter"],
  ["status?at=1", "at", "no such parameter"],
  ["verify?at=1", "at", "no such parameter"],
  ["why?a=1&b=2&c=3", "c", "no such parameter"],
  ["persons?a%22b.c=1", 'a"b.c', "no such parameter"],
  ["persons?distinct_id=", "distinct_id", "a distinct id"],
  ["events?distinct_id=", "distinct_id", "a distinct id"],
  ["warnings?distinct_id=", "distinct_id", "a distinct id"],
  ["history?distinct_id=", "distinct_id", "a distinct id"],
  ["diff?from=0&distinct_id=", "distinct_id", "a distinct id"],
  ["why?a=&b=x", "a", "a distinct id"],
  ["persons?distinct_id=a&search=b", "search", "not to be combined with distinct_id"],
]

layer(unbuffered, { excludeTestServices: true })("questions", (it) => {
  it.effect("every answer tells where the persons are, in its header too", () =>
    Effect.gen(function* () {
      const position = yield* send({ event: "e", distinct_id: "where" })
      for (const path of ["persons", "events", "waiting", "policy", "warnings", "status"]) {
        const { status, headers, text } = yield* question(`${path}?min_position=${position}`)
        expect(status).toBe(200)
        expect(headers.get("x-onymous-position")).toBe(`${position}`)
        expect(JSON.parse(text)).toMatchObject({
          [path === "status" ? "head" : "position"]: position,
        })
      }
    }),
  )

  it.effect("a page of large events is shorter than its limit, and says where it goes on", () =>
    Effect.gen(function* () {
      const large = { event: "e", distinct_id: "large", properties: { big: "x".repeat(1_000_000) } }
      const events = Array.from({ length: 9 }, () => large)
      const first = yield* send(...events)
      const last = yield* send(...events)
      const of = "events?limit=1000&distinct_id=large"
      const newest = yield* answers(`${of}&min_position=${last}`)
      const next = last - 15
      expect([newest.results.length, newest.next]).toEqual([16, next])
      const rest = yield* answers(`${of}&before=${next}`)
      expect([rest.results.length, rest.next]).toEqual([2, null])
      expect(rest.results.at(-1)).toMatchObject({ position: first - 8 })
    }),
  )

  it.effect("a person is found by any of its ids, and nobody by an unknown one", () =>
    Effect.gen(function* () {
      const at = yield* send(
        { event: "e", distinct_id: "anon", timestamp: "2022-10-25T12:00:00Z" },
        {
          event: "$identify",
          distinct_id: "ann",
          properties: { $anon_distinct_id: "anon", $set: { plan: "Pro" } },
        },
      )
      const { results } = yield* answers(`persons?distinct_id=anon&min_position=${at}`)
      expect(results).toEqual([
        {
          project: "1",
          person_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          distinct_ids: ["ann", "anon"],
          properties: { plan: "Pro" },
          is_identified: true,
          created_at: "2022-10-25T12:00:00.000Z",
          version: 1,
        },
      ])
      expect((yield* answers("persons?distinct_id=ann")).results).toEqual(results)
      expect((yield* answers("persons?search=pRO")).results).toEqual(results)
      const nobody = yield* answers("persons?distinct_id=nobody")
      expect(nobody).toMatchObject({ results: [], next: null })
    }),
  )

  it.effect("events of a person are those of all its ids, newest first, page by page", () =>
    Effect.gen(function* () {
      const at = yield* send(
        { event: "one", distinct_id: "b1", timestamp: "2022-10-25T12:00:00Z" },
        { event: "$create_alias", distinct_id: "b2", properties: { alias: "b1" } },
        { event: "else", distinct_id: "c" },
        { event: "two", distinct_id: "b2", properties: { n: 1 } },
      )
      const path = `events?distinct_id=b1&limit=2&min_position=${at}`
      const first = yield* answers(path)
      const second = yield* answers(`${path}&before=${first.next}`)
      expect(first.results).toMatchObject([
        { event: "two", properties: { n: 1 }, position: at },
        { event: "$create_alias" },
      ])
      expect(second).toMatchObject({ results: [{ event: "one" }], next: null })
      const [one] = second.results
      const [person] = (yield* answers("persons?distinct_id=b2")).results
      expect(one).toEqual({
        position: at - 3,
        event_uuid: expect.any(String),
        event: "one",
        distinct_id: "b1",
        properties: {},
        timestamp: "2022-10-25T12:00:00.000Z",
        received_at: expect.stringMatching(/^\d{4}-.*Z$/),
        status: "attributed",
        person_id: person?.["person_id"],
        stamped_person_id: person?.["person_id"],
        waiting: null,
      })
      const everybody = yield* answers("events?limit=2")
      expect(everybody.results.map(({ event }) => event)).toEqual(["two", "else"])
    }),
  )

  it.effect("a warning says what would have made its event pass", () =>
    Effect.gen(function* () {
      const at = yield* send({
        event: "$identify",
        distinct_id: "d",
        properties: { $anon_distinct_id: "guest" },
      })
      const type = "cannot_merge_with_illegal_distinct_id"
      const { results } = yield* answers(`warnings?type=${type}&min_position=${at}`)
      const warning = { type, position: at, event_uuid: expect.any(String) }
      expect(results).toMatchObject([
        { type, count: 1, remedy: expect.stringMatching(/\w/), warnings: [warning] },
      ])
      expect((yield* answers("warnings?distinct_id=nobody")).results).toEqual([])
    }),
  )

  it.effect(
    "a warning says which library sent its event, where the event says so, at any moment",
    () =>
      Effect.gen(function* () {
        const identify = (properties: Readonly<Record<string, string>>) =>
          send({
            event: "$identify",
            distinct_id: "sent",
            properties: { $anon_distinct_id: "guest", ...properties },
          })
        const first = yield* identify({ $lib: "web", $lib_version: "1.449.2" })
        const second = yield* identify({ $lib: "posthog-node" })
        const third = yield* identify({})
        const question = `warnings?distinct_id=sent&min_position=${third}`
        const sent = { position: first, lib: "web", lib_version: "1.449.2" }
        const { results } = yield* answers(question)
        const shown = results.flatMap(({ warnings }) => warnings)
        expect(shown).toMatchObject([
          { position: third },
          { position: second, lib: "posthog-node" },
          sent,
        ])
        expect(shown[0]).not.toHaveProperty("lib")
        expect(shown[1]).not.toHaveProperty("lib_version")
        const before = yield* answers(`${question}&at=${first}`)
        expect(before.results.flatMap(({ warnings }) => warnings)).toMatchObject([sent])
      }),
  )

  it.effect("a position that the log has not reached is waited for, and then told", () =>
    Effect.gen(function* () {
      const { position } = yield* answers("warnings")
      const waiting = yield* Effect.forkChild(answers(`persons?min_position=${position + 1}`))
      yield* send({ event: "e", distinct_id: "awaited" })
      expect((yield* Fiber.join(waiting)).position).toBe(position + 1)
    }),
  )

  it.effect("a text that no database holds finds nothing, and breaks nothing", () =>
    Effect.gen(function* () {
      for (const path of ["persons?search", "persons?distinct_id", "warnings?type"]) {
        expect((yield* answers(`${path}=%00zz`)).results).toEqual([])
      }
    }),
  )

  it.effect.each(bad)("%s: the field is named, and what was expected", ([path, field, expected]) =>
    Effect.gen(function* () {
      const { status, text } = yield* question(path)
      expect({ status, ...JSON.parse(text) }).toMatchObject({
        status: 400,
        code: "invalid_input",
        message: expect.any(String),
        field,
        expected: expect.stringContaining(expected),
      })
    }),
  )

  it.effect("whether there is another project, its key alone tells", () =>
    Effect.gen(function* () {
      const withKey = (path: string, secret: string) =>
        ask(`/api/projects/${path}`, { headers: { authorization: `Bearer ${secret}` } })
      const refused = [
        yield* ask("/api/projects/1/persons"),
        yield* withKey("1/persons", ""),
        yield* withKey("1/persons", token),
        yield* withKey("1/persons", other.key),
        yield* withKey("2/persons", key),
        yield* withKey("3/persons", key),
        yield* withKey("1/persons?limit=0", "onk_wrong"),
      ]
      const [first] = refused
      for (const { status, text } of refused) {
        expect({ status, text }).toEqual({ status: 401, text: first?.text })
      }
      const { status, text } = yield* withKey("2/persons", other.key)
      expect({ status, ...listed(text) }).toEqual({
        status: 200,
        results: [],
        next: null,
        position: 0,
      })
    }),
  )
})
