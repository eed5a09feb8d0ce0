import { expect, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ask, key, question, send, unbuffered } from "./serverSupport.ts"

const uuid = (number: number) => `00000000-0000-4000-8000-${`${number}`.padStart(12, "0")}`

const json = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)),
)

const told = (path: string) => Effect.map(question(path), ({ text }) => json(text))

const act = (path: string, body: object) =>
  ask(`/api/projects/1/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  })

const because = { by: "ann", reason: "a test" }

/** A merge in which two values of the second person give way to the first's, then an operator's acts. */
const story = Effect.gen(function* () {
  const set = ($set: object) => ({ $set })
  yield* send({ event: "e", distinct_id: "ann", uuid: uuid(1), properties: set({ a: 1, b: 1 }) })
  yield* send({ event: "e", distinct_id: "bob", uuid: uuid(2), properties: set({ a: 2, b: 2 }) })
  const identify = (number: number, distinct_id: string, $anon_distinct_id: string) =>
    send({ event: "$identify", distinct_id, uuid: uuid(number), properties: { $anon_distinct_id } })
  yield* identify(3, "ann", "bob")
  yield* identify(4, "ann", "null")
  yield* identify(5, "ann", "ann-phone")
  yield* question("status?min_position=6")
  yield* act("persons/split", { distinct_id: "ann", main_distinct_id: "ann", ...because })
  yield* act("retractions", { event_uuid: uuid(5), ...because })
  return yield* question("status?min_position=8")
})

layer(unbuffered, { excludeTestServices: true })("what the page draws", (it) => {
  it.effect("counts, changes and merges tell one story", () =>
    Effect.gen(function* () {
      yield* story
      const activity = yield* told("activity?from=2&buckets=7")
      expect(activity).toMatchObject({ position: 8, from: 2, to: 8, size: 1 })
      expect(activity).toMatchObject({
        born: [1, 1, 0, 0, 0, 2, 0],
        attached: [0, 0, 0, 0, 1, 0, 0],
        merged: [0, 0, 1, 0, 0, 0, 0],
        lost: [0, 0, 1, 0, 0, 0, 0],
        refused: [0, 0, 0, 1, 0, 0, 0],
        apart: [0, 0, 0, 0, 0, 1, 1],
      })
      expect(activity["time"]).toHaveLength(7)
      expect(yield* told("activity?from=5&to=4")).toMatchObject({ time: [], born: [] })
      const changes = yield* told("changes?kinds=born,merged,refused,split,retracted")
      const kinds = (answer: unknown) =>
        Object(answer).results.map((each: { readonly position: number; readonly kind: string }) => [
          each.position,
          each.kind,
        ])
      expect(kinds(changes)).toEqual([
        [2, "born"],
        [3, "born"],
        [4, "merged"],
        [5, "refused"],
        [7, "born"],
        [7, "split"],
        [8, "retracted"],
      ])
      const last = yield* told("changes?before=8&limit=1&kinds=split,merged,retracted")
      expect(kinds(last)).toEqual([[7, "split"]])
      expect(yield* told("merges?worth=look")).toMatchObject({
        results: [
          {
            position: 4,
            event_uuid: uuid(3),
            target: "ann",
            source: "bob",
            lost: 2,
            both_identified: false,
            by_operator: false,
            // The split has separated the two ids again.
            holds: false,
          },
        ],
        next: null,
      })
      expect(yield* told("merges?worth=look&at=5")).toMatchObject({ results: [{ holds: true }] })
    }),
  )

  it.effect("a value that was set anew, or gave way, is found where it held", () =>
    Effect.gen(function* () {
      yield* story
      const former = yield* told("former_values?search=2")
      expect(former["results"]).toEqual([
        expect.objectContaining({ distinct_id: "bob", property: "a", from: 3, until: 4 }),
      ])
      expect(yield* told("former_values?search=nowhere")).toMatchObject({ results: [] })
    }),
  )

  it.effect("a person is found by its id, which is asked for alone", () =>
    Effect.gen(function* () {
      yield* story
      const { results } = Object(yield* told("ids?prefix=ann&limit=1"))
      const [{ person_id: id }] = results
      const found = yield* told(`persons?person_id=${String(id).toUpperCase()}`)
      expect(Object(found).results).toMatchObject([{ person_id: id }])
      const refused = yield* question(`persons?person_id=${id}&distinct_id=ann`)
      expect([refused.status, json(refused.text)["field"]]).toEqual([400, "person_id"])
    }),
  )

  it.effect.each([
    ["changes?after=1&before=2", "before"],
    ["changes?kinds=born,lost", "kinds"],
    ["activity?buckets=2001", "buckets"],
    ["merges", "worth"],
    ["persons?person_id=ann", "person_id"],
  ])("%s is refused by the name of the parameter", ([path = "", field]) =>
    Effect.gen(function* () {
      const { status, text } = yield* question(path)
      expect([status, json(text)["field"]]).toEqual([400, field])
    }),
  )
})
