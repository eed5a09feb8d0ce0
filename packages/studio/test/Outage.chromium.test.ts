import { Effect, Exit, Scope } from "effect"
import { connect, createServer, type Socket } from "node:net"
import { once } from "node:events"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import type {} from "@onymous/tidy/testing/PostgresSetup"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { start, type StudioServer } from "./StudioServer.ts"
import { launch, visit } from "./Visitor.ts"

const chromium = Machine.chromium()
const postgresUrl = inject("postgresUrl")
const timeout = 600_000

const mia = "/?id=mia%40fig.example&at=1184"

const noAnswer = (page: Page) => page.getByText("The server does not answer.")

/** A wire to a database that a test can cut: connections are refused meanwhile, as by a stopped Postgres. */
const wireTo = async (address: string) => {
  const { hostname, port } = new URL(address)
  const sockets = new Set<Socket>()
  const wire = createServer((near) => {
    const far = connect(Number(port || 5432), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on("error", () => other.destroy())
      socket.on("close", () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  const listen = async (at: number) => {
    wire.listen(at, "127.0.0.1")
    await once(wire, "listening")
    const found = wire.address()
    return typeof found === "object" && found !== null ? found.port : 0
  }
  const place = await listen(0)
  const cut = async () => {
    const closed = once(wire, "close")
    wire.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const url = Object.assign(new URL(address), { hostname: "127.0.0.1", port: `${place}` }).href
  return { url, cut, mend: () => listen(place) }
}

/**
 * Looks at a person while the server or its database goes away and comes back: the page keeps the person and says that
 * no answer comes, steps still work, and the page recovers by itself.
 */
const through = async (
  browser: Browser,
  server: StudioServer,
  outage: { readonly begin: () => Promise<unknown>; readonly end: () => Promise<StudioServer> },
) => {
  await server.loadDemo()
  const { page, complaints, leave } = await visit(browser, `${server.url}${mia}`)
  await page.getByText("The weak link.").waitFor()
  await outage.begin()
  await noAnswer(page).waitFor()
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Mia Okafor")
  const slider = page.getByRole("slider", { name: "Position in the log" })
  await slider.press("ArrowLeft")
  await page.getByText("Past · 447 events ago").waitFor()
  await page.keyboard.press("]")
  await page.getByText("The weak link.").waitFor()
  const back = await outage.end()
  await noAnswer(page).waitFor({ state: "hidden" })
  await back.capture("mia-phone", "came back")
  await page.getByText("1 event has come since. The page stays at #1,184.").waitFor()
  await page.keyboard.press("l")
  await page.getByText("Live", { exact: true }).waitFor()
  await page.locator(".moment").getByText("came back").waitFor()
  // The browser reports each failed request; the page itself throws no error.
  expect(complaints.filter((complaint) => complaint.startsWith("error:"))).toEqual([])
  await leave()
}

describe.skipIf(chromium === undefined)("while the page is open", { timeout }, () => {
  let browser: Browser
  const servers: Array<StudioServer> = []

  beforeAll(async () => {
    browser = await launch(chromium ?? "")
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    for (const server of servers) await server.close()
  })

  const started = async (starting: Promise<StudioServer>) => {
    const server = await starting
    servers.unshift(server)
    return server
  }

  it("the server is stopped and started again", async () => {
    const server = await started(start())
    await through(browser, server, {
      begin: () => server.stop(),
      end: () => started(server.again()),
    })
  })

  it.skipIf(!postgresUrl)("Postgres is stopped and started again", async () => {
    const scope = await Effect.runPromise(Scope.make())
    const database = TestDatabase.fresh(postgresUrl)
    const address = await Effect.runPromise(Scope.provide(database, scope))
    const wire = await wireTo(address)
    const server = await started(start(wire.url))
    await through(browser, server, {
      begin: () => wire.cut(),
      end: async () => {
        await wire.mend()
        return server
      },
    })
    await server.close()
    await wire.cut()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })
})
