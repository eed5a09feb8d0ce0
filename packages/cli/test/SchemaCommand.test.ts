import { expect, it } from "vitest"
import { schemaSql } from "onymous/administration/SchemaSql"
import { onymous } from "./InProcess.ts"

it("schema prints the SQL that the library gives, of the schema that a flag or the environment names", async () => {
  const printed = await onymous(["schema", "--role", "app"], { ONYMOUS_SCHEMA: "shop" })
  expect(printed).toEqual({
    code: 0,
    stdout: schemaSql({ schema: "shop", role: "app" }),
    stderr: "",
  })
  expect(await onymous(["schema"])).toMatchObject({ code: 0, stdout: schemaSql() })
})

it("schema refuses a name that no schema can have", async () => {
  for (const name of ["a b", "pg_shop", "information_schema"]) {
    const refused = await onymous(["schema", "--schema", name])
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/--schema: expected/) })
  }
})
