import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { type Answer, Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { verify } from "../src/history/Verify.ts"
import type { inMemory } from "./asOfLayers.ts"
import { randomHistory } from "./historySupport.ts"

const eventsOf = (seed: number): ReadonlyArray<Incoming> =>
  randomHistory(seed % 2 === 0 ? "page" : "posthog", seed, 60).log.map(({ event }) => ({
    event,
    payload: "{}",
  }))

/** A project of 20 events; `next` appends one more and waits for its persons. */
const begun = Effect.fnUntraced(function* (name: string, seed: number) {
  const log = yield* EventLog
  const { reach } = yield* Freshness
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: name, keyHash: "" })
  const left = [...eventsOf(seed)]
  const next = Effect.gen(function* () {
    const event = left.shift()
    if (event === undefined) return
    const { position } = yield* log.append(project, [event])
    yield* reach(project, position)
  })
  for (let count = 0; count < 20; count++) yield* next
  return { project, next: Effect.orDie(next) }
})

/** Persons that go on by one event before each page of rows. */
const goingOn = Effect.fnUntraced(function* (next: Effect.Effect<void>) {
  const persons = yield* Persons
  const after = <Args extends ReadonlyArray<unknown>, A>(ask: (...args: Args) => Answer<A>) => {
    return (...args: Args): Answer<A> => Effect.andThen(next, ask(...args))
  }
  return Persons.of({
    ...persons,
    list: after(persons.list),
    warnings: after(persons.warnings),
    waiting: after(persons.waiting),
  })
})

/** What a verification says of a project whose events come without a pause. */
export const suite = <E>(
  name: string,
  layer: Layer.Layer<Layer.Success<typeof inMemory>, E>,
  seeds: ReadonlyArray<number>,
): void => {
  describe(`a verification of a project that goes on, on ${name}`, () => {
    it.live("raises no false alarm, whatever comes while it reads", () =>
      Effect.gen(function* () {
        for (const seed of seeds) {
          const { project, next } = yield* begun(`busy-${seed}`, seed)
          const verified = yield* Effect.provideService(
            verify(project),
            Persons,
            yield* goingOn(next),
          )
          expect(verified, `seed ${seed}`).toMatchObject({ isOk: true, position: 20, persons: [] })
        }
      }).pipe(Effect.provide(layer)),
    )

    it.live("finds a row that is another one all the same", () =>
      Effect.gen(function* () {
        const { project, next } = yield* begun("busy and edited", 1)
        const persons = yield* goingOn(next)
        const edited = Persons.of({
          ...persons,
          list: (question) =>
            Effect.map(persons.list(question), ({ results, ...listing }) => ({
              ...listing,
              results: results.map((view) => ({ ...view, version: view.version + 1 })),
            })),
        })
        const verified = yield* Effect.provideService(verify(project), Persons, edited)
        expect(verified).toMatchObject({ isOk: false, position: 20 })
        expect(verified.persons.length).toBeGreaterThan(0)
      }).pipe(Effect.provide(layer)),
    )
  })
}
