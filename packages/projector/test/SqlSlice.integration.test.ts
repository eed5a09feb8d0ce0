import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Result, Schedule } from "effect"
import { randomUUID } from "node:crypto"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./personsLayers.ts"

const postgresUrl = inject("postgresUrl")

const project = ProjectId("no statistics")

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn))

const identify = (index: number, round: number): Event.Incoming =>
  Result.getOrThrow(
    EventDecoder.decode(
      {
        event: "$identify",
        distinct_id: `user ${index}`,
        properties: { $anon_distinct_id: `device ${index}`, $set: { round } },
      },
      randomUUID,
    ),
  )

/** Appends events, and waits for their persons. */
const projected = Effect.fnUntraced(function* (events: ReadonlyArray<Event.Incoming>) {
  const { waitFor } = yield* Projector
  if (!Arr.isReadonlyArrayNonEmpty(events)) return
  const { position } = yield* (yield* EventLog).append(project, events)
  yield* waitFor(project, position, 60)
})

/** Appends one event per person, which changes the person, and waits for the persons. */
const changed = (count: number, round: number) =>
  projected(Array.from({ length: count }, (_, index) => identify(index, round)))

/** The number of entries of an index that finished statements have read. */
const readOf = Effect.fnUntraced(function* (index: string) {
  const sql = yield* SchemaClient
  yield* sql`select pg_stat_force_next_flush()`
  const [row] = yield* sql<{ readonly read: number }>`
    select idx_tup_read as read from pg_stat_user_indexes where indexrelname = ${index}`
  return row?.read ?? (yield* Effect.die(`There is no index ${index}.`))
})

/** Waits until the reads reach this number: connections report their reads late. */
const readAtLeast = (index: string, least: number) =>
  Effect.repeat(readOf(index), {
    until: (read) => read >= least,
    schedule: Schedule.spaced("50 millis"),
  })

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "a page looks up its persons by key, also where no statistics know of them",
    () =>
      Effect.gen(function* () {
        const sql = yield* SchemaClient
        yield* (yield* EventLog).createProject({ id: project, token: "t", keyHash: "" })
        yield* sql`alter table ${sql.ours("persons_shared")} set (autovacuum_enabled = false)`
        yield* changed(4000, 1)
        // The projector looks up each person and ends its row, page by page.
        yield* changed(4000, 2)
        yield* readAtLeast("persons_shared_person_id_edition_from_position_idx", 4000)
        expect(yield* readOf("persons_shared_edition_created_at_idx")).toBeLessThan(100)
      }).pipe(Effect.provide(fresh)),
    600_000,
  )

  it.live(
    "a person of many versions is found by reading one of them, now and in the past",
    () =>
      Effect.gen(function* () {
        const [versions, times] = [1000, 20]
        yield* (yield* EventLog).createProject({ id: project, token: "t", keyHash: "" })
        yield* projected(Array.from({ length: versions }, (_, round) => identify(0, round)))
        const { find } = yield* Persons
        const id = DistinctId("user 0")
        const before = yield* readOf("persons_shared_person_id_edition_from_position_idx")
        for (let time = 0; time < times; time++) {
          const now = yield* find(project, id)
          const then = yield* find(project, id, Position(versions - 1 - time))
          expect(now?.properties).toMatchObject({ round: versions - 1 })
          expect(then?.properties).toMatchObject({ round: versions - 2 - time })
        }
        const read = yield* readAtLeast(
          "persons_shared_person_id_edition_from_position_idx",
          before + 2 * times,
        )
        expect(read - before).toBeLessThan(5 * times)
      }).pipe(Effect.provide(fresh)),
    600_000,
  )
})
