import { Effect, Exit, Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import pg from "pg"
import { describe, expect, inject, it } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous, uuidOf } from "onymous"

const postgresUrl = inject("postgresUrl")

/** How often the test kills each shop; ONYMOUS_TEST_KILLS sets another number. */
const kills = Number(process.env["ONYMOUS_TEST_KILLS"] ?? 4)

/** More orders than any shop takes before its end. */
const ordersMax = 1_000_000

/** Runs a shop that takes orders from a number on, and kills it at some moment after its first ones. */
const killed = async (kind: string, url: string, first: number) => {
  const script = join(import.meta.dirname, "shopProcess.ts")
  const shop = spawn(process.execPath, [script, kind, url, String(first)], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  shop.stderr.on("data", (chunk) => (said += String(chunk)))
  const ended = once(shop, "exit")
  await Promise.race([once(shop.stdout, "data"), ended])
  const timer = setTimeout(() => shop.kill("SIGKILL"), Math.random() * 200)
  const [, signal] = await ended
  clearTimeout(timer)
  expect({ signal, said }).toEqual({ signal: "SIGKILL", said: "" })
}

const numbers = async (client: pg.Client, text: string): Promise<ReadonlyArray<number>> => {
  const { rows } = await client.query<{ number: number }>(text)
  return rows.map(({ number }) => number)
}

describe.skipIf(!postgresUrl)("a shop that is killed at any moment", () => {
  it.each(["pg", "drizzle", "effect"])(
    "with %s has each of its orders and the event of it, or neither",
    async (kind) => {
      const scope = Effect.runSync(Scope.make())
      const url = await Effect.runPromise(Scope.provide(TestDatabase.fresh(postgresUrl), scope))
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query("create table orders (id integer primary key)")
      const policy = { buffer_enabled: false }
      const onymous = await Onymous.open({ database: url, connections: 4, policy })
      for (let kill = 0; kill < kills; kill++) await killed(kind, url, 1 + kill * ordersMax)
      // This lock waits until Postgres has rolled back the transactions of killed shops.
      await client.query("begin; lock table orders in access exclusive mode; commit")
      await expect
        .poll(() => numbers(client, "select 1 as number from onymous.event_inbox"), {
          timeout: 300_000,
        })
        .toEqual([])
      const orders = await numbers(client, "select id as number from orders")
      const { rows } = await client.query<{ uuid: string }>(
        "select uuid::text from onymous.events where kind = 'captured' order by uuid",
      )
      const wanted = orders.map((id) => uuidOf("ordered", id)).toSorted()
      expect(rows.map(({ uuid }) => uuid)).toEqual(wanted)
      expect(orders.filter((id) => id % 7 === 0)).toEqual([])
      expect(wanted.length).toBeGreaterThan(0)
      // The first event is the policy. The answer comes once the persons have caught up.
      const position = 1 + wanted.length
      await onymous.person("nobody", { at: position })
      expect(await onymous.verify()).toMatchObject({ isOk: true, position })
      await onymous.close()
      await client.end()
      await Effect.runPromise(Scope.close(scope, Exit.void))
    },
    kills * 60_000 + 600_000,
  )
})
