import { expect, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as HostAppend from "@onymous/log/sql/HostAppend"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./personsLayers.ts"

const project = ProjectId("p")

const identified = (distinctId: string) => {
  const uuid = crypto.randomUUID()
  const wire = { event: "$identify", distinct_id: distinctId, uuid, properties: { $set: { a: 1 } } }
  return Result.getOrThrow(EventDecoder.decode(wire, () => uuid))
}

/** The person of an id, once as many events are in the log. */
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
    // As from another process, where nothing is heard.
    const events = [identified("bob")]
    const { text, values } = HostAppend.statement(sql.schema, project, events, "outbox")
    yield* sql.unsafe(text, values)
    expect((yield* personAt("bob", 2))?.distinctIds).toEqual(["bob"])
    expect(yield* log.inboxes).toEqual([])
  }).pipe(Effect.provide(projectorOn("memory"))),
)
