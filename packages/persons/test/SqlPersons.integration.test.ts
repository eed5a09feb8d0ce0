import { Effect, Layer } from "effect"
import { describe, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { migrations } from "../src/sql/PersonsMigrations.ts"
import * as SqlPersons from "../src/sql/SqlPersons.ts"
import { suite } from "./Persons.contract.ts"
import { suite as timelineSuite } from "./Timeline.contract.ts"

const postgresUrl = inject("postgresUrl")

const tables = Layer.effectDiscard(Migrations.run(migrations))

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), Database.layer))

describe.skipIf(!postgresUrl)("with a server", () => {
  const services = SqlPersons.layer.pipe(Layer.provide(tables), Layer.provide(fresh))
  suite("Postgres", services)
  timelineSuite("Postgres", services)
})
