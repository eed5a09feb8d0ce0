import { Effect, Exit, Scope } from "effect"
import { randomBytes } from "node:crypto"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { InvalidInput, Onymous, schemaSql } from "onymous"
import * as Adapters from "onymous/adapters"
import { longLogMin } from "@onymous/projector/rebuild/Rebuild"

const postgresUrl = inject("postgresUrl")

/** All that a schema has, as Postgres tells it, whatever the schema is called. */
const contents = (schema: string) => `
  select replace(definition, '${schema}', 'it') as definition from (
    select format('%s.%s %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      a.attcollation, a.attnotnull, a.attstattarget, pg_get_expr(d.adbin, d.adrelid)) as definition
    from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = '${schema}'::regnamespace and a.attnum > 0
    union all select indexdef from pg_indexes where schemaname = '${schema}'
    union all select conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = '${schema}'::regnamespace
    union all select pg_get_functiondef(oid) from pg_proc
      where pronamespace = '${schema}'::regnamespace
    union all select c.relname || pg_get_expr(c.relpartbound, c.oid) from pg_class c
      where c.relnamespace = '${schema}'::regnamespace and c.relkind in ('r', 'S')
    union all select 'log ' || name from "${schema}".log_migrations
    union all select 'persons ' || name from "${schema}".persons_migrations
  ) all_of_it order by 1`

describe.skipIf(!postgresUrl)("the SQL for an administrator", () => {
  const scope = Effect.runSync(Scope.make())
  const role = `App ${randomBytes(6).toString("hex")}`
  let url: string
  let administrator: pg.Client
  beforeAll(async () => {
    url = await Effect.runPromise(Scope.provide(TestDatabase.fresh(postgresUrl), scope))
    administrator = new pg.Client({ connectionString: url })
    await administrator.connect()
    await administrator.query(`create role "${role}" login password 'hunter2'`)
    // As psql does, all statements in one text.
    await administrator.query(schemaSql({ role }))
  })
  afterAll(async () => {
    await administrator.query(`drop owned by "${role}"; drop role "${role}"`)
    await administrator.end()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  it("makes what Onymous itself makes", async () => {
    await (await Onymous.open({ database: url, schema: "by_itself" })).close()
    const made = await administrator.query(contents("by_itself"))
    const printed = await administrator.query(contents("onymous"))
    expect(printed.rows.length).toBeGreaterThan(100)
    expect(printed.rows).toEqual(made.rows)
  })

  it("lets a role that may not create open it, and do all that there is", async () => {
    const { rows } = await administrator.query(
      `select has_schema_privilege($1, 'onymous', 'create') or
        has_database_privilege($1, current_database(), 'create') as may_create`,
      [role],
    )
    expect(rows).toEqual([{ may_create: false }])
    const login = { username: encodeURIComponent(role), password: "hunter2" }
    const database = Object.assign(new URL(url), login).href
    const policy = { buffer_enabled: false }
    const onymous = await Onymous.open({ database, migrate: "check", policy })
    await onymous.identify({ distinctId: "ann", anonymousId: "phone", set: { plan: "pro" } })
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    await client.query("begin")
    const event = { distinctId: "ann", event: "ordered" }
    await onymous.capture(event, { in: Adapters.fromPg(client) })
    await onymous.capture(event, { in: Adapters.fromPg(client), order: "outbox" })
    await client.query("commit")
    await client.end()
    expect((await onymous.events({ distinctId: "phone" })).results).toHaveLength(3)
    await onymous.split({ distinctId: "ann", by: "bob", reason: "two of them" })
    expect((await onymous.person("phone"))?.distinctIds).toEqual(["phone"])
    expect(await onymous.rebuild()).toMatchObject({ isPublished: true })
    expect((await onymous.verify({ deep: true })).isOk).toBe(true)
    await onymous.close()
  })

  it("lets that role rebuild a log that another one would derive in tables of its own", async () => {
    const login = { username: encodeURIComponent(role), password: "hunter2" }
    const database = Object.assign(new URL(url), login).href
    const onymous = await Onymous.open({ database, migrate: "check", project: "long" })
    const events = Array.from({ length: 5000 }, (_, index) => ({
      distinctId: `id ${index}`,
      event: "seen",
      properties: { $device_id: `id ${index}` },
    }))
    for (let round = 0; round * events.length <= longLogMin; round++)
      await onymous.captureAll(events)
    expect(await onymous.rebuild()).toMatchObject({ isPublished: true })
    expect((await onymous.verify({ deep: true })).isOk).toBe(true)
    await onymous.close()
  })

  it("is of a schema and a role as they are called, or of none", () => {
    const sql = schemaSql({ schema: "shop", role: 'o"b' })
    expect(sql).toContain(`grant usage on schema "shop" to "o""b";`)
    expect(sql).not.toContain("onymous")
    expect(schemaSql()).not.toContain("grant ")
    expect(() => schemaSql({ schema: "a b" })).toThrow(InvalidInput)
    expect(() => schemaSql({ role: "" })).toThrow(/^role: expected/)
  })
})
