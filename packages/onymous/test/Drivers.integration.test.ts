import { Effect, Exit, Scope } from "effect"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { type Captured, Onymous, type Promised, uuidOf } from "onymous"
import * as Adapters from "onymous/adapters"
import { type Driver, drivers } from "./drivers.ts"

const postgresUrl = inject("postgresUrl")

/** Opens Onymous in the database of a host that has orders; the end of the scope drops the database. */
const opened = async (scope: Scope.Scope) => {
  const url = await Effect.runPromise(Scope.provide(TestDatabase.fresh(postgresUrl), scope))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query("create table orders (id integer primary key)")
  const onymous = await Onymous.open({ database: url, policy: { buffer_enabled: false } })
  return { url, client, onymous }
}

const unwanted = new Error("no order")

describe.skipIf(!postgresUrl)("a transaction of a host", () => {
  const scope = Effect.runSync(Scope.make())
  let url: string
  let client: pg.Client
  let onymous: Onymous
  beforeAll(async () => void ({ url, client, onymous } = await opened(scope)))
  afterAll(async () => {
    await onymous.close()
    await client.end()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  const orders = async () => {
    const { rows } = await client.query<{ id: number }>("select id from orders order by id")
    return rows.map(({ id }) => id)
  }

  describe.each(Object.entries(drivers))("of %s", (name, connect) => {
    let driver: Driver
    beforeAll(() => void (driver = connect(url)))
    afterAll(() => driver.close())
    let last = 0
    const next = () => Object.keys(drivers).indexOf(name) * 100 + ++last

    const ordered = (id: number) => ({
      distinctId: `${name} ${id}`,
      event: "ordered",
      uuid: uuidOf("ordered", id),
    })

    it("that is committed has both, and whoever asks then sees the event", async () => {
      const id = next()
      const { head } = await onymous.status()
      const told: Array<Captured> = []
      await driver.transaction(async ({ executor, order }) => {
        await order(id)
        told.push(await onymous.capture(ordered(id), { in: executor }))
        expect(await onymous.person(`${name} ${id}`)).toBeUndefined()
      })
      expect((await onymous.person(`${name} ${id}`))?.distinctIds).toEqual([`${name} ${id}`])
      expect(told).toEqual([{ position: head + 1, uuid: uuidOf("ordered", id), isNew: true }])
      expect(await orders()).toContain(id)
    })

    it("that is rolled back has neither, leaves no gap, and nobody waits for it", async () => {
      const id = next()
      const { head } = await onymous.status()
      const undone = driver.transaction(async ({ executor, order }) => {
        await order(id)
        await onymous.capture(ordered(id), { in: executor })
        throw unwanted
      })
      await expect(undone).rejects.toBe(unwanted)
      expect(await onymous.person(`${name} ${id}`)).toBeUndefined()
      expect(await orders()).not.toContain(id)
      expect(await onymous.capture(ordered(id))).toMatchObject({ position: head + 1, isNew: true })
    })

    it("promises an event to the outbox, and whoever asks after the commit sees it", async () => {
      const [id, undone] = [next(), next()]
      const told: Array<Promised> = []
      await driver.transaction(async ({ executor, order }) => {
        await order(id)
        told.push(await onymous.capture(ordered(id), { in: executor, order: "outbox" }))
        expect(await onymous.person(`${name} ${id}`)).toBeUndefined()
      })
      expect((await onymous.person(`${name} ${id}`))?.distinctIds).toEqual([`${name} ${id}`])
      expect(told).toEqual([{ uuid: uuidOf("ordered", id), position: undefined, isNew: undefined }])
      const failed = driver.transaction(async ({ executor }) => {
        await onymous.capture(ordered(undone), { in: executor, order: "outbox" })
        throw unwanted
      })
      await expect(failed).rejects.toBe(unwanted)
      expect(await onymous.person(`${name} ${undone}`)).toBeUndefined()
    })

    it("takes many events, in their order, and one of before as that one", async () => {
      const ids = [next(), next(), next()]
      const [first = 0] = ids
      const before = await onymous.capture(ordered(first))
      const told: Array<Captured> = []
      await driver.transaction(async ({ executor }) => {
        told.push(...(await onymous.captureAll(ids.map(ordered), { in: executor })))
      })
      const { position } = before
      expect(told.map((each) => each.position)).toEqual([position, position + 1, position + 2])
      expect(told.map(({ isNew }) => isNew)).toEqual([false, true, true])
    })

    it("that waits too long for another is told so, without its event", async () => {
      await client.query("begin")
      await onymous.capture({ distinctId: "a", event: "e" }, { in: Adapters.fromPg(client) })
      const late = driver.transaction(async ({ executor }) => {
        await executor.executeSql("set local lock_timeout = '50ms'", [])
        await onymous.capture(ordered(next()), { in: executor })
      })
      await expect(late).rejects.toMatchObject({
        code: "log_busy",
        isRetryable: true,
        message: expect.not.stringContaining("ordered"),
      })
      await client.query("rollback")
    })

    it("is told from what is none", () => {
      expect(driver.outside).toThrow(/^in: expected (?:what|the client)/)
    })
  })

  it("one in which somebody signs up has the account and the person that it merges", async () => {
    await onymous.capture({ distinctId: "tablet", event: "visited" })
    await client.query("begin")
    const transaction = { in: Adapters.fromPg(client) }
    await onymous.identify({ distinctId: "eve", anonymousId: "tablet" }, transaction)
    await onymous.alias({ distinctId: "eve", alias: "evelyn" }, { ...transaction, order: "outbox" })
    expect((await onymous.person("tablet"))?.distinctIds).toEqual(["tablet"])
    await client.query("commit")
    expect((await onymous.person("tablet"))?.distinctIds).toEqual(["eve", "evelyn", "tablet"])
  })

  it("a statement for whoever runs it by other means appends as well", async () => {
    const event = { distinctId: "by hand", event: "ordered" }
    const { text, values } = onymous.statement([event])
    const { rows } = await client.query(text, [...values])
    expect(rows).toMatchObject([{ added: true }])
    const { results } = await onymous.events({ distinctId: "by hand" })
    expect(results.map(({ position }) => String(position))).toEqual([rows[0].position])
  })

  it("one that waits too long for another is told so, and may be begun again", async () => {
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    await client.query("begin")
    await onymous.capture({ distinctId: "a", event: "e" }, { in: Adapters.fromPg(client) })
    await other.query("begin")
    await other.query("set local lock_timeout = '50ms'")
    const late = onymous.capture({ distinctId: "b", event: "e" }, { in: Adapters.fromPg(other) })
    await expect(late).rejects.toMatchObject({ code: "log_busy", isRetryable: true })
    await other.query("rollback")
    await client.query("commit")
    await other.query("begin")
    const { isNew } = await onymous.capture(
      { distinctId: "b", event: "e" },
      { in: Adapters.fromPg(other) },
    )
    expect(isNew).toBe(true)
    await other.query("commit")
    await other.end()
  })

  it("one of a role appends with the grants that the README names, and is told where it lacks them", async () => {
    const role = `host_${client.database ?? ""}`
    const granted = new pg.Client({ connectionString: url })
    await granted.connect()
    await client.query(`create role ${role}`)
    await granted.query(`set role ${role}`)
    const event = { distinctId: "granted", event: "ordered" }
    const outbox = { in: Adapters.fromPg(granted), order: "outbox" } as const
    const denied = onymous.capture(event, { in: Adapters.fromPg(granted) })
    await expect(denied).rejects.toMatchObject({ code: "denied" })
    await client.query(`grant usage on schema onymous to ${role};
      grant select, update on onymous.projects to ${role};
      grant select, insert on onymous.events to ${role};
      grant insert on onymous.event_inbox to ${role}`)
    expect(await onymous.capture(event, { in: Adapters.fromPg(granted) })).toMatchObject({
      isNew: true,
    })
    await onymous.capture(event, outbox)
    expect((await onymous.events({ distinctId: "granted" })).results).toHaveLength(2)
    await granted.end()
    await client.query(`drop owned by ${role}; drop role ${role}`)
  })

  it("one of a database in which there is no Onymous is refused by its field", async () => {
    const elsewhere = new pg.Client({ connectionString: postgresUrl })
    await elsewhere.connect()
    const event = { distinctId: "a", event: "e" }
    const lost = onymous.capture(event, { in: Adapters.fromPg(elsewhere) })
    await expect(lost).rejects.toMatchObject({ code: "invalid_input", field: "in" })
    await elsewhere.end()
  })

  it("after all of these, the log is as it was appended, and so are the persons", async () => {
    expect((await onymous.verify()).isOk).toBe(true)
  })
})
