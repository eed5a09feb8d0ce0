import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, Exit, type Layer, Result } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import { incoming } from "./EventLog.contract.ts"

/** A project of a log that does not store events of one name. */
const picky = Effect.fnUntraced(function* (name: string) {
  const [sql, log] = [yield* SchemaClient, yield* EventLog]
  yield* sql`alter table ${sql.ours("events")} drop constraint if exists picky`
  yield* sql`alter table ${sql.ours("events")} add constraint picky check (name <> 'bad')`
  return (yield* log.createProject({ id: ProjectId(name), token: name, keyHash: "" })).id
})

const bad = (number: number) => incoming(number, { event: "bad" })

/** What a log in a database promises of events that it does not store. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog | SchemaClient, E>): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`an event that the log does not store, on ${name}`, (it) => {
    it.effect("fails its own append alone, by its place in it; those beside it are committed", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* picky("beside")
        const good = (from: number) =>
          Arr.map(Arr.range(from, from + 9), (number) => incoming(number))
        const requests = [
          [incoming(1)],
          good(10),
          [incoming(20), incoming(21), bad(22), incoming(23)],
          good(30),
          [bad(40)],
          good(50),
        ] as const
        // The requests come at once, so that the log commits those after the first together.
        const exits = yield* Effect.forEach(
          requests,
          (events) => Effect.result(log.append(project, events)),
          { concurrency: "unbounded" },
        )
        expect(exits.map(Result.isSuccess)).toEqual([true, true, false, true, false, true])
        const reasons = exits.flatMap((exit) => (Result.isFailure(exit) ? [exit.failure] : []))
        expect(reasons).toMatchObject([
          {
            isRetryable: false,
            reason: { _tag: "Unstorable", index: 2, uuid: bad(22).event.uuid },
          },
          {
            isRetryable: false,
            reason: { _tag: "Unstorable", index: 0, uuid: bad(40).event.uuid },
          },
        ])
        expect(reasons[0]?.message).toContain("picky")
        const stored = yield* log.read({ project, after: zero, limit: 100 })
        expect(stored.map(({ position }) => position)).toEqual(Arr.range(1, 31))
        expect(yield* log.damage(project)).toBeUndefined()
      }),
    )

    it.effect("is named among events that the log has already", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* picky("again")
        yield* log.append(project, [incoming(1), incoming(2)])
        const exit = yield* Effect.exit(log.append(project, [incoming(2), incoming(3), bad(4)]))
        expect(Exit.findErrorOption(exit)).toMatchObject({
          value: { reason: { _tag: "Unstorable", index: 2 } },
        })
        expect((yield* log.head(project)).position).toBe(2)
      }),
    )
  })
}
