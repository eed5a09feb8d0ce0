import { expect, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as OperatorActions from "../src/OperatorActions.ts"

const project = ProjectId("shop")
const uuid = "00000000-0000-4000-8000-000000000001"

/** What holds of operators who retract an event at once, wherever its log lies. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog | ReadModel, E>): void => {
  const services = OperatorActions.layer.pipe(Layer.provideMerge(layer))
  it.live(`of operators who retract an event at once, one does, time and again, on ${name}`, () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const { retract } = yield* OperatorActions.OperatorActions
      yield* log.createProject({ id: project, token: name, keyHash: "" })
      const wire = { event: "$identify", distinct_id: "ann", uuid }
      yield* log.append(project, [Result.getOrThrow(EventDecoder.decode(wire, () => uuid))])
      const ask = (eventUuid: string, by: string) =>
        retract(project, { eventUuid, by, reason: "a shared tablet" })
      const asked = Effect.fnUntraced(function* (eventUuid: string) {
        const exits = yield* Effect.forEach(
          ["ann", "ben", "cy"],
          (by) => Effect.result(ask(eventUuid, by)),
          { concurrency: "unbounded" },
        )
        const [done] = exits.filter(Result.isSuccess)
        const refused = exits.filter(Result.isFailure).map(({ failure }) => failure)
        expect(refused).toMatchObject([
          { _tag: "OperationRefused", field: "event_uuid" },
          { _tag: "OperationRefused", field: "event_uuid" },
        ])
        return done?.success.uuid ?? ""
      })
      const first = yield* asked(uuid)
      // A retraction of the retraction restores the event: another retraction can undo it again.
      yield* asked(first)
      const second = yield* asked(uuid)
      expect(second).not.toBe(first)
      const events = yield* log.read({ project, after: zero, limit: 10 })
      expect(events.map(({ event }) => event._tag === "Retracted" && event.eventUuid)).toEqual([
        false,
        uuid,
        first,
        uuid,
      ])
    }).pipe(Effect.provide(services)),
  )
}
