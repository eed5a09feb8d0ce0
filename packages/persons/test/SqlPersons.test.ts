import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Persons } from "../src/Persons.ts"
import { migrations } from "../src/sql/PersonsMigrations.ts"
import * as SqlPersons from "../src/sql/SqlPersons.ts"
import { suite } from "./Persons.contract.ts"
import { suite as timelineSuite } from "./Timeline.contract.ts"

const tables = Layer.effectDiscard(Migrations.run(migrations))

const services = SqlPersons.layer.pipe(
  Layer.provide(tables),
  Layer.provide(Database.layer("memory")),
)

suite("PGlite", services)
timelineSuite("PGlite", services)

it.live("a question that no database can answer is a defect, and not a database that is away", () =>
  Effect.gen(function* () {
    const asked = (yield* Persons).list({ project: ProjectId("p"), limit: -2 })
    const defect = yield* Effect.catchDefect(Effect.flip(asked), Effect.succeed)
    expect(String(defect)).toContain("A question to the database has no answer")
  }).pipe(Effect.provide(services)),
)
