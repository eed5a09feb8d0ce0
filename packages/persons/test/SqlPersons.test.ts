import { Layer } from "effect"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { migrations } from "../src/sql/PersonsMigrations.ts"
import * as SqlPersons from "../src/sql/SqlPersons.ts"
import { suite } from "./Persons.contract.ts"

const tables = Layer.effectDiscard(Migrations.run(migrations))

suite(
  "PGlite",
  SqlPersons.layer.pipe(Layer.provide(tables), Layer.provide(Database.layer("memory"))),
)
