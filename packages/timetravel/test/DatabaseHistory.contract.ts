import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Result } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import * as DatabaseHistory from "../src/history/DatabaseHistory.ts"
import { HistorySource } from "../src/history/HistorySource.ts"
import { identify, uuid } from "./historySupport.ts"

const project = ProjectId("asked")

/** The event of a number identifies ann on a new device. */
const eventAt = (number: number) =>
  Result.getOrThrow(
    EventDecoder.decode(identify(number, "ann", `device-${number}`), () => uuid(number)),
  )

const filled = Effect.gen(function* () {
  const log = yield* EventLog
  yield* log.createProject({ id: project, token: "t", keyHash: "" })
  const { position } = yield* log.append(
    project,
    Arr.makeBy(3, (index) => eventAt(index + 1)),
  )
  yield* (yield* Freshness).reach(project, position)
})

const device = DistinctId("device-2")

/** The ids of the device's person, from the history of the device's cone alone. */
const idsOf = Effect.map(
  Effect.flatMap(HistorySource, (source) => source.about(project, new Set([device]))),
  (history) => history.personAt(device)?.distinctIds,
)

/** A log that grows by an event at each read of a page. */
const growing = Layer.effect(
  EventLog,
  Effect.map(EventLog, (log) => {
    let next = 4
    return EventLog.of({
      ...log,
      read: (question) =>
        Effect.tap(log.read(question), () => log.append(question.project, [eventAt(next++)])),
    })
  }),
)

/** Persons whose first checkpoint names another edition, as if a rebuild had replaced that since. */
const replaced = Layer.effect(
  Persons,
  Effect.map(Persons, (persons) => {
    let asked = 0
    return Persons.of({
      ...persons,
      checkpoint: (id) =>
        Effect.map(persons.checkpoint(id), (live) =>
          asked++ === 0 && live !== undefined ? { ...live, edition: live.edition + 1 } : live,
        ),
    })
  }),
)

/** What holds for the history of a database while the database moves. */
export const suite = <E>(
  name: string,
  stored: Layer.Layer<EventLog | Persons | Freshness, E>,
): void => {
  withLayer(stored, { excludeTestServices: true, timeout: "600 seconds" })(`on ${name}`, (it) => {
    it.effect(
      "a question finds its ids' cones where a rebuild takes the place of what it asked",
      () =>
        Effect.gen(function* () {
          yield* filled
          const asked = Effect.provide(idsOf, Layer.provide(DatabaseHistory.layer(), replaced))
          expect(yield* asked).toEqual(["ann", "device-1", "device-2", "device-3"])
        }),
    )

    it.effect(
      "a log that is longer than what is held in memory is told as such, and its parts are not",
      () =>
        Effect.gen(function* () {
          const few = DatabaseHistory.layer({ eventsMax: 1 })
          const source = yield* Effect.provide(HistorySource, few)
          expect(yield* Effect.flip(source.whole(project))).toMatchObject({
            _tag: "TooLong",
            max: 1,
          })
          expect(yield* source.point(project, "1", "at")).toBe(1)
        }),
    )

    it.effect("the whole of a log that grows meanwhile is what it had when it was asked for", () =>
      Effect.gen(function* () {
        const source = Layer.provide(DatabaseHistory.layer({ eventsMax: 3 }), growing)
        const asked = Effect.flatMap(HistorySource, ({ whole }) => whole(project))
        expect((yield* Effect.provide(asked, source)).head).toBe(3)
      }),
    )
  })
}
