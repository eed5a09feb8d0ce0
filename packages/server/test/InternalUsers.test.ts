import { expect, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { answers, operate, send, unbuffered } from "./serverSupport.ts"

const numbers = Array.from({ length: 12 }, (_, index) => index + 1)

/** Every third person is a customer, so that pages end at internal users and between them. */
const isCustomer = (number: number) => number % 3 === 0

const visits = numbers.map((number) => ({
  event: "visit",
  distinct_id: `u${number}`,
  timestamp: new Date(Date.UTC(2022, 9, 1, 0, number)).toISOString(),
  properties: {
    number,
    $set: { email: `${number}@${isCustomer(number) ? "shop" : "ours"}.example` },
  },
}))

const ours = { type: "person", key: "email", operator: "not_icontains", value: "@ours.example" }

/** All pages of a listing, one after another; every answer but the last names the next. */
const pages = Effect.fnUntraced(function* (path: string, parameter: string) {
  const found: Array<Readonly<Record<string, unknown>>> = []
  let page = yield* answers(path)
  found.push(...page.results)
  while (page.next !== null && page.next !== undefined) {
    page = yield* answers(`${path}&${parameter}=${page.next}`)
    found.push(...page.results)
  }
  return found
})

const customers = numbers.filter(isCustomer).toReversed()

const visited = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* operate("PATCH policy", { internal_users: [ours] })
    const position = yield* send(...visits)
    yield* answers(`persons?min_position=${position}`)
  }),
).pipe(Layer.provideMerge(unbuffered))

layer(visited, { excludeTestServices: true })("the project's own people", (it) => {
  it.effect("are listed like everybody until a question leaves them out", () =>
    Effect.gen(function* () {
      for (const query of ["", "&filter_internal=false"]) {
        expect((yield* answers(`persons?limit=12${query}`)).results).toHaveLength(12)
        expect((yield* answers(`events?limit=12${query}`)).results).toHaveLength(12)
      }
    }),
  )

  it.effect.each([1, 2, 3, 4, 5, 12])(
    "pages of %i persons leave them out, and lose nobody else",
    (limit) =>
      Effect.gen(function* () {
        const path = `persons?filter_internal=true&limit=${limit}`
        const found = yield* pages(path, "cursor")
        expect(found.map(({ distinct_ids }) => distinct_ids)).toEqual(
          customers.map((number) => [`u${number}`]),
        )
        expect((yield* answers(path)).results).toHaveLength(Math.min(limit, customers.length))
      }),
  )

  it.effect.each([1, 2, 3, 4, 5, 12])(
    "pages of %i events leave theirs out, and lose no other",
    (limit) =>
      Effect.gen(function* () {
        const found = yield* pages(`events?filter_internal=true&limit=${limit}`, "before")
        expect(found.map(({ distinct_id }) => distinct_id)).toEqual(
          customers.map((number) => `u${number}`),
        )
      }),
  )

  it.effect("are not found by their ids either, and searching counts only who is left", () =>
    Effect.gen(function* () {
      const found = (id: string) => answers(`persons?distinct_id=${id}&filter_internal=true`)
      expect((yield* found("u1")).results).toEqual([])
      expect((yield* found("u3")).results).toHaveLength(1)
      expect((yield* answers("events?distinct_id=u1&filter_internal=true")).results).toEqual([])
      expect((yield* answers("persons?search=ours.example&filter_internal=true")).results).toEqual(
        [],
      )
    }),
  )

  it.effect("filters of events are asked of events alone, and all must hold", () =>
    Effect.gen(function* () {
      const late = { type: "event", key: "number", operator: "gt", value: 5 }
      const position = yield* operate("PATCH policy", { internal_users: [ours, late] })
      const events = yield* answers(`events?filter_internal=true&min_position=${position}`)
      expect(events.results.map(({ distinct_id }) => distinct_id)).toEqual(["u12", "u9", "u6"])
      const persons = yield* answers("persons?filter_internal=true")
      expect(persons.results).toHaveLength(4)
    }),
  )

  it.effect("without filters nobody is left out", () =>
    Effect.gen(function* () {
      const position = yield* operate("PATCH policy", { internal_users: [] })
      const path = `persons?filter_internal=true&min_position=${position}`
      expect((yield* answers(path)).results).toHaveLength(12)
    }),
  )

  it.effect("are who they are now: all their events, also those before it was known", () =>
    Effect.gen(function* () {
      yield* operate("PATCH policy", { internal_users: [ours] })
      yield* operate("POST persons/patch", {
        distinct_id: "u12",
        properties: { email: "12@ours.example" },
      })
      const position = yield* operate("POST persons/patch", {
        distinct_id: "u1",
        properties: { email: "1@shop.example" },
      })
      const { results } = yield* answers(`events?filter_internal=true&min_position=${position}`)
      expect(results.map(({ distinct_id }) => distinct_id)).toEqual(["u9", "u6", "u3", "u1"])
    }),
  )
})
