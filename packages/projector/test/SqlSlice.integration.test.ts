import { PgClient } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Result, Schedule } from "effect"
import { randomUUID } from "node:crypto"
import { describe, inject } from "vitest"
import * as Event from "@onymous/identity/Event"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as TestDatabase from "@onymous/tidy/TestDatabase"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./layers.ts"

const postgresUrl = inject("postgresUrl")

const project = ProjectId("no statistics")

const identify = (index: number, round: number): Event.Incoming =>
  Result.getOrThrow(
    Event.decode(
      {
        event: "$identify",
        distinct_id: `user ${index}`,
        properties: { $anon_distinct_id: `device ${index}`, $set: { round } },
      },
      randomUUID,
    ),
  )

/** Appends an event of each person that changes it, and waits for these. */
const changed = Effect.fnUntraced(function* (count: number, round: number) {
  const { wake, reached } = yield* Projector
  const first = identify(0, round)
  const rest = Array.from({ length: count - 1 }, (_, index) => identify(index + 1, round))
  const { position } = yield* (yield* EventLog).append(project, [first, ...rest])
  yield* wake(project)
  yield* reached(project, position, 60)
})

/** How many entries of an index of a table were read, by all that has ended. */
const readOf = Effect.fnUntraced(function* (index: string) {
  const sql = yield* PgClient.PgClient
  yield* sql`select pg_stat_force_next_flush()`
  const [row] = yield* sql<{ readonly read: number }>`
    select idx_tup_read::float8 as read from pg_stat_user_indexes where indexrelname = ${index}`
  return row?.read ?? (yield* Effect.die(`There is no index ${index}.`))
})

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "a page looks up its persons by key, also where no statistics know of them",
    () =>
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        yield* (yield* EventLog).createProject({ id: project, token: "t", keyHash: "" })
        yield* sql`alter table persons_shared set (autovacuum_enabled = false)`
        yield* changed(4000, 1)
        // All persons are looked up and closed once more, page by page.
        yield* changed(4000, 2)
        // Each connection tells what it has read by and by.
        yield* Effect.repeat(readOf("persons_pkey_shared"), {
          until: (read) => read >= 4000,
          schedule: Schedule.spaced("50 millis"),
        })
        expect(yield* readOf("persons_newest_shared")).toBeLessThan(100)
      }).pipe(
        Effect.provide(Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn))),
      ),
    120_000,
  )
})
