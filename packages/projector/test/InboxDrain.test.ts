import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Result, Stream } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as HostAppend from "@onymous/log/sql/HostAppend"
import { Persons } from "@onymous/persons/Persons"
import * as InboxDrain from "../src/InboxDrain.ts"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./personsLayers.ts"

const project = ProjectId("p")

const identified = (distinctId: string) => {
  const uuid = crypto.randomUUID()
  const wire = { event: "$identify", distinct_id: distinctId, uuid, properties: { $set: { a: 1 } } }
  return Result.getOrThrow(EventDecoder.decode(wire, () => uuid))
}

/** The person of an id, once log and persons have reached a position. */
const personAt = Effect.fnUntraced(function* (distinctId: string, position: number) {
  const log = yield* EventLog
  yield* Stream.runDrain(Stream.take(log.tail({ project, after: zero }), position))
  yield* (yield* Projector).waitFor(project, Position(position), 300)
  return yield* (yield* Persons).find(project, DistinctId(distinctId))
})

it.live("whoever runs the projector gives events that wait for a place theirs, also unheard", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const sql = yield* SchemaClient
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    yield* Effect.forkScoped((yield* Projector).run)
    yield* log.enqueue(project, [identified("ann")])
    expect((yield* personAt("ann", 1))?.distinctIds).toEqual(["ann"])
    // An append like that of another process, of which this process hears nothing.
    const events = [identified("bob")]
    const { text, values } = HostAppend.statement(sql.schema, project, events, "outbox")
    yield* sql.unsafe(text, values)
    expect((yield* personAt("bob", 2))?.distinctIds).toEqual(["bob"])
    expect(yield* log.inboxes).toEqual([])
  }).pipe(Effect.provide(projectorOn("memory"))),
)

it.live("a project for which many events wait does not hold up the others", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const [many, few] = [ProjectId("many"), ProjectId("of few")]
    for (const id of [many, few]) yield* log.createProject({ id, token: id, keyHash: "" })
    yield* log.enqueue(
      many,
      Arr.map(Arr.range(1, 2001), (number) => identified(`${number}`)),
    )
    yield* log.enqueue(few, [identified("ann")])
    const drained: Array<string> = []
    const watched = EventLog.of({
      ...log,
      drain: (id) =>
        Effect.tap(log.drain(id), ({ count }) =>
          Effect.sync(() => drained.push(`${id}: ${count}`)),
        ),
    })
    yield* Effect.forkScoped(Effect.provideService(InboxDrain.run, EventLog, watched))
    const all = log.tail({ project: many, after: zero })
    yield* Stream.runDrain(Stream.take(all, 2001))
    expect(drained).toEqual(["many: 2000", "of few: 1", "many: 1"])
  }).pipe(Effect.provide(projectorOn("memory"))),
)
