import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { start, type StudioServer } from "./StudioServer.ts"
import { launch, visit } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

describe.skipIf(chromium === undefined)("the status of the page", { timeout }, () => {
  let server: StudioServer
  let browser: Browser

  beforeAll(async () => {
    server = await start()
    browser = await launch(chromium ?? "")
    await server.capture("mia-phone", "app opened")
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it("cancels a rebuild, and says what came of it", async () => {
    const { page, complaints, requests, leave } = await visit(browser, `${server.url}/docs`)
    // A rebuild of so short a log is over before anybody looks: this one is only told.
    let rebuild: { readonly position: number; readonly head: number } | null = {
      position: 812,
      head: 1630,
    }
    await page.route("**/api/projects/1/status*", async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: { ...(await answer.json()), rebuild } })
    })
    await page.goto(`${server.url}/?view=status`)
    await page.getByText("812 of 1,630 events.").waitFor()
    await page.getByRole("button", { name: "Cancel it" }).click()
    await page.getByText("There was nothing left to cancel: it had come to its end.").waitFor()
    rebuild = null
    await page.getByText("812 of 1,630 events.").waitFor({ state: "detached" })
    await page.getByText("There was nothing left to cancel").waitFor()
    expect(requests.filter((url) => url.endsWith("/rebuild/end"))).toHaveLength(1)
    expect(complaints).toEqual([])
    await leave()
  })
})
