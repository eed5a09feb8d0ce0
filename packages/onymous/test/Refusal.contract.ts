import { expect, layer as withLayer } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, type Layer } from "effect"
import { OnymousError } from "onymous"
import { Onymous } from "onymous/effect"

const options = { timeout: "60 seconds", excludeTestServices: true } as const

const good = (number: number) => ({ distinctId: `device-${number}`, event: "e" })

const nested = (levels: number): Record<string, unknown[]> => {
  let value: Array<unknown> = []
  for (let level = 0; level < levels; level++) value = [value]
  return { value }
}

/** Events that no database takes, each with the field that is to blame. */
const refused: ReadonlyArray<readonly [string, object]> = [
  ["distinctId", { distinctId: "", event: "e" }],
  ["event", { distinctId: "a", event: "" }],
  ["uuid", { ...good(1), uuid: "none" }],
  ["properties", { ...good(1), properties: "none" }],
  ["timestamp", { ...good(1), timestamp: "now" }],
  ["event", { ...good(1), properties: nested(200) }],
  ["propertys", { ...good(1), propertys: {} }],
]

/** What every database promises of events that are captured together, one of which it does not take. */
export const suite = <E>(name: string, layer: Layer.Layer<Onymous, E>): void => {
  withLayer(layer, options)(`several events with one that is refused, on ${name}`, (it) => {
    it.effect.each(refused)(
      "name it by its index and the field %s, and none is kept",
      ([field, bad]) =>
        Effect.gen(function* () {
          const onymous = yield* Onymous
          const { head } = yield* onymous.status()
          const events = [good(1), good(2), bad, good(3)]
          const captureAll: (events: ReadonlyArray<object>) => Effect.Effect<unknown, unknown> = (
            given,
          ) => Reflect.apply(onymous.captureAll, undefined, [given])
          const error = yield* Effect.flip(captureAll(events))
          expect(OnymousError.is(error, "invalid_input")).toBe(true)
          expect(error).toMatchObject({ field: `events[2].${field}`, isRecorded: false })
          expect((yield* onymous.status()).head).toBe(head)
        }),
    )
  })
}

/** The same, also for events that only the database itself refuses. */
export const sqlSuite = <E>(
  name: string,
  layer: Layer.Layer<Onymous | PgClient.PgClient, E>,
): void => {
  suite(name, layer)
  withLayer(layer, options)(`several events with one that is not stored, on ${name}`, (it) => {
    const picky = Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* sql`alter table onymous.events drop constraint if exists picky`
      yield* sql`alter table onymous.events add constraint picky check (name <> 'bad')`
      return sql
    })
    const bad = { distinctId: "a", event: "bad" }

    it.effect("name it by its index, with what the database says, and none is kept", () =>
      Effect.gen(function* () {
        yield* picky
        const onymous = yield* Onymous
        const { head } = yield* onymous.status()
        const error = yield* Effect.flip(onymous.captureAll([good(1), good(2), bad, good(3)]))
        expect(error).toMatchObject({
          code: "invalid_input",
          field: "events[2].properties",
          expected: expect.stringMatching(/^what the database stores \(.*picky.*\)$/),
          isRecorded: false,
        })
        expect(yield* Effect.flip(onymous.capture(bad))).toMatchObject({ field: "properties" })
        expect((yield* onymous.status()).head).toBe(head)
        expect(yield* onymous.captureAll([good(1), good(2)])).toHaveLength(2)
      }),
    )

    it.effect("leave a transaction around them as it was", () =>
      Effect.gen(function* () {
        const sql = yield* picky
        const onymous = yield* Onymous
        const { head = 0 } = yield* onymous.status()
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* onymous.capture(good(1))
            const error = yield* Effect.flip(onymous.captureAll([good(2), bad]))
            expect(error).toMatchObject({ field: "events[1].properties" })
            yield* onymous.capture(good(3))
          }),
        )
        expect((yield* onymous.status()).head).toBe(head + 2)
      }),
    )
  })
}
