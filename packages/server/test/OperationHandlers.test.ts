import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { Projector } from "@onymous/projector/Projector"
import {
  answers,
  key,
  operate,
  order,
  other,
  project,
  question,
  send,
  token,
  unbuffered,
} from "./serverSupport.ts"

const head = Effect.gen(function* () {
  return (yield* (yield* EventLog).head(project)).position
})

/** The person that an id leads to at a position. */
const personOf = (id: string, position: number) =>
  Effect.map(
    answers(`persons?distinct_id=${id}&min_position=${position}`),
    ({ results }) => results[0],
  )

const eventsOf = (id: string, position: number) =>
  Effect.map(answers(`events?distinct_id=${id}&min_position=${position}`), ({ results }) => results)

/** An identified person of two ids, `<name>` and `<name>-anon`, who has a plan. */
const identified = Effect.fnUntraced(function* (name: string) {
  const position = yield* send(
    { event: "seen", distinct_id: `${name}-anon` },
    {
      event: "$identify",
      distinct_id: name,
      properties: { $anon_distinct_id: `${name}-anon`, $set: { plan: "Pro", [name]: 1 } },
    },
  )
  return { position, id: (yield* personOf(name, position))?.["person_id"] }
})

const names = ["split", "delete", "merge", "patch", "delete_property"]

/** Complete bodies of operations on the person of a distinct id. */
const whole = (id: string): Readonly<Record<string, object>> => ({
  split: { distinct_id: id },
  delete: { distinct_id: id },
  merge: { distinct_id: id, alias: "other", by: "ann", reason: "ticket 7" },
  patch: { distinct_id: id, properties: { a: 1 } },
  delete_property: { distinct_id: id, $unset: ["a"] },
})

const merge = { distinct_id: "a", alias: "b", by: "ann", reason: "ticket 7" }

const bad: ReadonlyArray<readonly [string, unknown, string]> = [
  ["split", { distinct_id: "a", main_distinct_id: 3 }, "main_distinct_id"],
  ["split", { distinct_id: "a", main_distinct_id: "" }, "main_distinct_id"],
  ["split", { distinct_id: "a", distinct_ids_to_split: "b" }, "distinct_ids_to_split"],
  ["split", { distinct_id: "a", distinct_ids_to_split: [] }, "distinct_ids_to_split"],
  ["split", { distinct_id: "a", distinct_ids_to_split: [3] }, "distinct_ids_to_split"],
  ["delete", { distinct_id: "a", by: " " }, "by"],
  ["delete", { distinct_id: "a", reason: 3 }, "reason"],
  ["merge", { ...merge, alias: undefined }, "alias"],
  ["merge", { ...merge, alias: "a" }, "alias"],
  ["merge", { ...merge, by: undefined }, "by"],
  ["merge", { ...merge, reason: undefined }, "reason"],
  ["patch", { distinct_id: "a" }, "properties"],
  ["patch", { distinct_id: "a", properties: [] }, "properties"],
  ["delete_property", { distinct_id: "a" }, "$unset"],
  ["delete_property", { distinct_id: "a", $unset: [] }, "$unset"],
  ["delete_property", { distinct_id: "a", $unset: [1] }, "$unset"],
  ...names.flatMap((name): ReadonlyArray<readonly [string, unknown, string]> => [
    [name, { ...whole("")[name], distinct_id: undefined }, "distinct_id"],
    [name, { ...whole("")[name], distinct_id: 7 }, "distinct_id"],
    [name, whole("")[name], "distinct_id"],
    [name, "[]", "body"],
    [name, "{broken", "body"],
  ]),
]

layer(unbuffered, { excludeTestServices: true })("operations", (it) => {
  it.effect("a split with a main id leaves it all, and makes the other ids new persons", () =>
    Effect.gen(function* () {
      const before = yield* identified("s1")
      const body = { distinct_id: "s1-anon", main_distinct_id: "s1", by: "ann" }
      const position = yield* operate("POST persons/split", body)
      expect(position).toBe(before.position + 1)
      expect(yield* personOf("s1", position)).toMatchObject({
        person_id: before.id,
        distinct_ids: ["s1"],
        properties: { plan: "Pro" },
        is_identified: true,
      })
      const left = yield* personOf("s1-anon", position)
      expect(left).toMatchObject({
        distinct_ids: ["s1-anon"],
        properties: {},
        is_identified: false,
      })
      expect(left?.["person_id"]).not.toBe(before.id)
      expect(yield* eventsOf("s1-anon", position)).toMatchObject([
        { event: "seen", person_id: left?.["person_id"], stamped_person_id: before.id },
      ])
    }),
  )

  it.effect(
    "a split without a main id wipes the properties of who stays, as the page's rules say",
    () =>
      Effect.gen(function* () {
        const before = yield* identified("s2")
        const position = yield* operate("POST persons/split", { distinct_id: "s2" })
        expect(yield* personOf("s2-anon", position)).toMatchObject({
          person_id: before.id,
          distinct_ids: ["s2-anon"],
          properties: {},
        })
        expect(yield* personOf("s2", position)).toMatchObject({ distinct_ids: ["s2"] })
      }),
  )

  it.effect("what would leave everything as it is, is refused by its field", () =>
    Effect.gen(function* () {
      yield* personOf("s4", (yield* identified("s4")).position)
      const before = yield* head
      const split = { distinct_id: "s4" }
      const merge = { distinct_id: "s4", alias: "s4-anon", by: "ann", reason: "one person" }
      for (const [path, body, field] of [
        ["split", { ...split, main_distinctid: "s4" }, "main_distinctid"],
        ["split", { ...split, main_distinct_id: "nope" }, "main_distinct_id"],
        ["split", { ...split, distinct_ids_to_split: ["nope"] }, "distinct_ids_to_split"],
        [
          "split",
          { ...split, main_distinct_id: "s4", distinct_ids_to_split: ["s4"] },
          "distinct_ids_to_split",
        ],
        ["merge", merge, "alias"],
      ] as const) {
        const { status, text } = yield* order(`POST persons/${path}`, body, key)
        expect({ status, field: JSON.parse(text).field }).toEqual({ status: 400, field })
      }
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("a split of some ids leaves the others together", () =>
    Effect.gen(function* () {
      yield* identified("s3")
      yield* send({ event: "$create_alias", distinct_id: "s3", properties: { alias: "s3-too" } })
      const body = { distinct_id: "s3", distinct_ids_to_split: ["s3-anon"] }
      yield* personOf("s3", yield* head)
      const position = yield* operate("POST persons/split", body)
      expect(yield* personOf("s3", position)).toMatchObject({
        distinct_ids: ["s3", "s3-too"],
        properties: { plan: "Pro" },
      })
      expect(yield* personOf("s3-anon", position)).toMatchObject({ distinct_ids: ["s3-anon"] })
    }),
  )

  it.effect("a merge by hand joins two identified persons, which no event may", () =>
    Effect.gen(function* () {
      const target = yield* identified("m1")
      yield* identified("m2")
      const body = { distinct_id: "m1", alias: "m2", by: "ann", reason: "ticket 7" }
      const position = yield* operate("POST persons/merge", body)
      expect(yield* personOf("m2-anon", position)).toMatchObject({
        person_id: target.id,
        distinct_ids: ["m1", "m1-anon", "m2", "m2-anon"],
        properties: { plan: "Pro", m1: 1, m2: 1 },
        is_identified: true,
      })
      expect((yield* answers("warnings?distinct_id=m2")).results).toEqual([])
    }),
  )

  it.effect("a number that is set by hand keeps its digits", () =>
    Effect.gen(function* () {
      yield* identified("long")
      const number = '{"distinct_id":"long","properties":{"n":9007199254740993}}'
      const answer = yield* order("POST persons/patch", number, key)
      const { position } = JSON.parse(answer.text)
      const { text } = yield* question(`persons?distinct_id=long&min_position=${position}`)
      expect(text).toContain('"n":9007199254740993')
    }),
  )

  it.effect("a number that is set by hand is kept as its text, also beyond all doubles", () =>
    Effect.gen(function* () {
      yield* identified("vast")
      const number = '{"distinct_id":"vast","properties":{"n":1e400}}'
      const answer = yield* order("POST persons/patch", number, key)
      const { position } = JSON.parse(answer.text)
      const { text } = yield* question(`persons?distinct_id=vast&min_position=${position}`)
      expect(text).toContain('"n":1e400')
    }),
  )

  it.effect("properties are set and deleted by hand, one by one", () =>
    Effect.gen(function* () {
      const { id } = yield* identified("p1")
      const properties = { plan: null, n: 0, $browser: "x" }
      const set = yield* operate("POST persons/patch", { distinct_id: "p1-anon", properties })
      expect(yield* personOf("p1", set)).toMatchObject({
        person_id: id,
        properties: { p1: 1, ...properties },
      })
      const body = { distinct_id: "p1", $unset: ["n", "p1", "none"] }
      const deleted = yield* operate("POST persons/delete_property", body)
      expect((yield* personOf("p1", deleted))?.["properties"]).toEqual({
        plan: null,
        $browser: "x",
      })
    }),
  )

  it.effect(
    "a deleted person stays deleted, and its ids start afresh under another person id",
    () =>
      Effect.gen(function* () {
        const before = yield* identified("d1")
        const gone = yield* operate("POST persons/delete", {
          distinct_id: "d1-anon",
          reason: "asked",
        })
        for (const id of ["d1", "d1-anon"]) expect(yield* personOf(id, gone)).toBeUndefined()
        const again = yield* order("POST persons/delete", { distinct_id: "d1" }, key)
        expect(again.status).toBe(404)
        const position = yield* send({ event: "back", distinct_id: "d1" })
        const after = yield* personOf("d1", position)
        expect(after).toMatchObject({ distinct_ids: ["d1"], properties: {}, is_identified: false })
        expect(after?.["person_id"]).not.toBe(before.id)
        const events = [
          {
            event: "back",
            person_id: after?.["person_id"],
            stamped_person_id: after?.["person_id"],
          },
          { event: "$identify", person_id: null, stamped_person_id: before.id },
        ]
        expect(yield* eventsOf("d1", position)).toMatchObject(events)
        const editions = yield* Editions
        const derived = yield* editions.dump(project)
        yield* (yield* Projector).rebuild(project)
        expect(yield* editions.dump(project)).toBe(derived)
        expect(yield* personOf("d1", position)).toEqual(after)
        expect(yield* personOf("d1-anon", position)).toBeUndefined()
        expect(yield* eventsOf("d1", position)).toMatchObject(events)
      }),
  )

  it.effect.each(names)("%s of nobody is not found, and not recorded", (name) =>
    Effect.gen(function* () {
      const before = yield* head
      const { status, text } = yield* order(`POST persons/${name}`, whole("nobody")[name], key)
      expect({ status, ...JSON.parse(text) }).toEqual({
        status: 404,
        code: "not_found",
        message: "No person has the distinct id nobody.",
        distinct_id: "nobody",
      })
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("a merge of nobody into somebody names who was not found", () =>
    Effect.gen(function* () {
      yield* identified("m3")
      const { status, text } = yield* order("POST persons/merge", whole("m3")["merge"], key)
      expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 404, distinct_id: "other" })
    }),
  )

  it.effect.each(bad)("%s %j is refused by its field", ([name, body, field]) =>
    Effect.gen(function* () {
      const before = yield* head
      const { status, text } = yield* order(`POST persons/${name}`, body, key)
      expect({ status, ...JSON.parse(text) }).toMatchObject({
        status: 400,
        code: "invalid_input",
        message: expect.any(String),
        field,
        expected: expect.stringMatching(/\w/),
      })
      expect(yield* head).toBe(before)
    }),
  )

  it.effect(
    "a parameter that no operation has is refused by its name, and nothing is recorded",
    () =>
      Effect.gen(function* () {
        const before = yield* head
        for (const [operation, body] of [
          ["PATCH policy", { buffer_enabled: true }],
          ["POST persons/merge", merge],
          ["POST retractions", { by: "ann", reason: "ticket 7" }],
          ["POST what-if", {}],
        ] as const) {
          const { status, text } = yield* order(`${operation}?dry_run`, body, key)
          expect({ status, ...JSON.parse(text) }).toMatchObject({
            status: 400,
            code: "invalid_input",
            message: expect.any(String),
            field: "dry_run",
            expected: "no such parameter",
          })
        }
        expect(yield* head).toBe(before)
      }),
  )

  it.effect("what the log could not hold is refused, and the projector lives", () =>
    Effect.gen(function* () {
      const { position } = yield* identified("deep")
      const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`
      const patch = (value: string) => `{"distinct_id":"deep","properties":{"a":${value}}}`
      const refused = [
        [patch(nested(127)), "at most 128 levels of nesting"],
        [patch(nested(100_000)), "at most 128 levels of nesting"],
        [patch(`"${"x".repeat(1_048_576)}"`), "at most 1048576 bytes of JSON"],
      ] as const
      for (const [body, expected] of refused) {
        for (const operation of ["POST persons/patch", "PATCH policy"]) {
          const { status, text } = yield* order(operation, body, key)
          expect({ status, ...JSON.parse(text) }).toMatchObject({
            status: 400,
            field: "body",
            expected,
          })
        }
      }
      expect(yield* head).toBe(position)
      const deepest = yield* order("POST persons/patch", patch(nested(126)), key)
      expect(deepest.status).toBe(200)
      expect((yield* personOf("deep", position + 1))?.["properties"]).toMatchObject({
        a: JSON.parse(nested(126)),
      })
    }),
  )

  it.effect("texts that no database holds are mended, and __proto__ is a property", () =>
    Effect.gen(function* () {
      yield* identified("clean")
      const body = '{"distinct_id":"clean","properties":{"__proto__":"a\\u0000","\\ud800":1}}'
      const { text } = yield* order("POST persons/patch", body, key)
      const { position } = JSON.parse(text)
      expect((yield* personOf("clean", position))?.["properties"]).toEqual(
        JSON.parse('{"plan":"Pro","clean":1,"__proto__":"a\uFFFD","\uFFFD":1}'),
      )
    }),
  )

  it.effect.each(names)("%s asks for the project's own key: no token opens it", (name) =>
    Effect.gen(function* () {
      const { position } = yield* identified(`k-${name}`)
      const body = whole(`k-${name}`)[name]
      for (const secret of [undefined, "", "onk_wrong", token, other.key]) {
        expect((yield* order(`POST persons/${name}`, body, secret)).status).toBe(401)
      }
      expect(yield* head).toBe(position)
    }),
  )
})
