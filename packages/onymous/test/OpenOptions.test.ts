import { readdirSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { InvalidInput, Onymous } from "onymous"

/** Opens with any value, as a caller in JavaScript can; gives the error. */
const open = (given: unknown): Promise<unknown> =>
  Reflect.apply(Onymous.open, Onymous, [given]).catch((reason: unknown) => reason)

const database = "memory"

describe("options that are not understood are refused by field, before anything is opened", () => {
  it.each([
    [undefined, "options"],
    [null, "options"],
    ["memory", "options"],
    [[], "options"],
    [{}, "database"],
    [{ database: "" }, "database"],
    [{ database: 7 }, "database"],
    [{ database: "mysql://h/d" }, "database"],
    [{ database: "https://h/d" }, "database"],
    [{ database: '"postgres://h/d"' }, "database"],
    [{ database: "postgres://h/d?sslmode=no-verify" }, "database: sslmode"],
    [{ database, schema: "Mine" }, "schema"],
    [{ database, schema: null }, "schema"],
    [{ database, schema: 7 }, "schema"],
    [{ database, connections: 3 }, "connections"],
    [{ database, connections: "4" }, "connections"],
    [{ database, statementTimeout: 30 }, "statementTimeout"],
    [{ database, project: "" }, "project"],
    [{ database, project: 1 }, "project"],
    [{ database, project: "a\0" }, "project"],
    [{ database, project: "ö".repeat(501) }, "project"],
    [{ database, policy: null }, "policy"],
    [{ database, policy: "page" }, "policy"],
    [{ database, policy: { nonsense: 1 } }, "nonsense"],
    [{ database, databse: "here" }, "databse"],
  ])("%j", async (given, field) => {
    const before = readdirSync(".")
    const error = await open(given)
    expect(error).toBeInstanceOf(InvalidInput)
    expect(error).toMatchObject({ field, expected: expect.any(String) })
    expect(readdirSync(".")).toEqual(before)
  })
})

it("a database in memory is understood as SQLite's users write it", async () => {
  const onymous = await Onymous.open({ database: ":memory:" })
  await onymous.capture({ distinctId: "a", event: "e" })
  await onymous.close()
})
