import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { Persons } from "@onymous/persons/Persons"
import { key, on, order, question, send } from "./serverSupport.ts"

/** Persons without a checkpoint, for which a reader waits in vain. */
const behind = on(
  logMemory,
  Layer.effect(
    Persons,
    Effect.map(Persons, (persons) =>
      Persons.of({ ...persons, checkpoint: () => Effect.undefined }),
    ),
  ).pipe(Layer.provideMerge(personsMemory)),
)

it.live(
  "after ten seconds a question and an act are told where the persons are, and to ask again",
  () =>
    Effect.gen(function* () {
      const began = Date.now()
      yield* send({ event: "e", distinct_id: "u" })
      const asked = [
        question("status?min_position=7"),
        order("POST persons/delete", { distinct_id: "u", by: "ann", reason: "asked to" }, key),
        order("PATCH policy", { buffer_enabled: false }, key),
      ]
      const told = yield* Effect.all(asked, { concurrency: "unbounded" })
      for (const [index, { status, headers, text }] of told.entries()) {
        expect([status, headers.get("retry-after")], text).toEqual([503, "1"])
        const position = index === 0 ? 7 : 1
        expect(JSON.parse(text)).toMatchObject({ code: "not_reached", position, checkpoint: 0 })
      }
      expect(Date.now() - began).toBeGreaterThan(9_000)
    }).pipe(Effect.provide(behind)),
)
