import { expect, layer as withLayer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import { incoming } from "./EventLog.contract.ts"

/** A table of events that has no room for another row, as Postgres says it of a full disk. */
const fill = Effect.fnUntraced(function* () {
  const sql = yield* SchemaClient
  yield* sql`create or replace function ${sql.ours("no_room")}() returns trigger language plpgsql as
    $$begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end$$`
  yield* sql`create trigger full_disk before insert on ${sql.ours("events")}
    for each row execute function ${sql.ours("no_room")}()`
})

const free = Effect.fnUntraced(function* () {
  const sql = yield* SchemaClient
  yield* sql`drop trigger full_disk on ${sql.ours("events")}`
})

/** What a log in a database promises while there is no room for events. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog | SchemaClient, E>): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`a log without room, on ${name}`, (it) => {
    it.effect("refuses appends for now and is not ready; it is again once an append fits", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = ProjectId("full")
        yield* log.createProject({ id: project, token: "full", keyHash: "" })
        yield* log.append(project, [incoming(1)])
        yield* fill()
        const refused = yield* Effect.flip(log.append(project, [incoming(2)]))
        expect(refused).toMatchObject({ isRetryable: true, reason: { _tag: "Unavailable" } })
        expect((yield* Effect.flip(log.ready)).message).toContain("No space left on device")
        expect((yield* log.head(project)).position).toBe(1)
        yield* free()
        expect(yield* log.append(project, [incoming(2)])).toMatchObject({ position: 2, added: 1 })
        yield* log.ready
      }),
    )
  })
}
