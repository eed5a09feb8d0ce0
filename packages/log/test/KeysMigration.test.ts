import { expect, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import { migrations } from "../src/sql/LogMigrations.ts"
import * as SqlEventLog from "../src/sql/SqlEventLog.ts"

const { "0003_keys": _, ...before } = migrations.steps

/** The hash of the empty text, which earlier servers took for a key. */
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

it.live(
  "a change of tables that are there is told before it is made, and a first start tells none",
  () => {
    const lines: Array<string> = []
    const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
    return Effect.gen(function* () {
      yield* Migrations.run({ ...migrations, steps: before })
      expect(lines).toEqual([])
      yield* Migrations.run(migrations)
      expect(lines).toEqual(["Changing the tables: 0003_keys …"])
      yield* Migrations.run(migrations)
      expect(lines).toHaveLength(1)
    }).pipe(Effect.provide(Database.layer("memory")), Effect.provide(heard))
  },
)

it.live("the one key that a project had is its server's, and what opened nothing is none", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    yield* Migrations.run({ ...migrations, steps: before })
    const projects = sql.ours("projects")
    yield* sql`insert into ${projects} (id, token, key_hash, log_id) values
      ('keyed', 't1', 'hash', gen_random_uuid()), ('without', 't2', '', gen_random_uuid()),
      ('empty', 't3', ${empty}, gen_random_uuid())`
    yield* Migrations.run(migrations)
    yield* Effect.gen(function* () {
      const log = yield* EventLog
      expect(yield* log.keyHashes(ProjectId("keyed"))).toEqual(["hash"])
      expect((yield* log.keys(ProjectId("keyed"))).map(({ name }) => name)).toEqual(["serve"])
      for (const id of ["without", "empty"]) {
        expect(yield* log.keyHashes(ProjectId(id))).toEqual([])
      }
    }).pipe(Effect.provide(SqlEventLog.layer({ listens: false })))
  }).pipe(Effect.provide(Database.layer("memory"))),
)
