import { Effect, Exit, Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import pg from "pg"
import { describe, expect, inject, it } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"

const postgresUrl = inject("postgresUrl")
const root = resolve(import.meta.dirname, "../../..")
const text = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8")
const recipes = [...text.matchAll(/```ts recipe\n([\s\S]*?)```/g)].map(([, code = ""]) => code)

describe.skipIf(!postgresUrl)("the recipes of the README that need a server", () => {
  it("print what they say", async () => {
    expect(recipes.length).toBeGreaterThan(0)
    for (const code of recipes) {
      const scope = Effect.runSync(Scope.make())
      const url = await Effect.runPromise(Scope.provide(TestDatabase.fresh(postgresUrl), scope))
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query("create table orders (id integer primary key)")
      await client.end()
      const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
        cwd: root,
        env: { ...process.env, DATABASE_URL: url },
      })
      const said = { out: "", err: "" }
      child.stdout.on("data", (chunk) => (said.out += String(chunk)))
      child.stderr.on("data", (chunk) => (said.err += String(chunk)))
      await once(child, "close")
      const promised = [...code.matchAll(/\/\/ => (.*)/g)].map(([, line = ""]) => `${line}\n`)
      expect(said).toEqual({ out: promised.join(""), err: "" })
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  })
})
