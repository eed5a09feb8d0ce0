import { describe } from "@effect/vitest"
import { inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { contract } from "./Migrations.contract.ts"

const postgresUrl = inject("postgresUrl")

describe.skipIf(!postgresUrl)("with a server", () => {
  contract("Postgres", TestDatabase.fresh(postgresUrl))
})
