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
    // A rebuild of so short a log is over before anybody looks: the test adds this one to the server's status.
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
    // The visit began at the API's documents, which cause the refusals of eval.
    expect(complaints.filter((each) => !each.includes("refused eval"))).toEqual([])
    await leave()
  })

  it("asks what several rules would have come to together, and takes one back", async () => {
    const { page, complaints, leave } = await visit(browser, `${server.url}/?view=status`)
    await page.getByLabel("A rule").selectOption("own_illegal_ids")
    await page.getByLabel("Its value").fill('["tablet"]')
    await page.getByLabel("A rule").selectOption("buffer_window_seconds")
    await page.getByLabel("Its value").fill("5")
    const chips = page.getByRole("list", { name: "Rules that would be others" }).locator("li")
    expect(await chips.allTextContents()).toEqual([
      'own_illegal_ids ["tablet"]×',
      "buffer_window_seconds 5×",
    ])
    const asked = page.waitForRequest("**/what-if")
    await page.getByRole("button", { name: "What if" }).click()
    expect((await asked).postDataJSON()).toEqual({
      policy: { own_illegal_ids: ["tablet"], buffer_window_seconds: 5 },
    })
    await page.getByText("Nobody would be another.").waitFor()
    await page.getByRole("button", { name: "Leave own_illegal_ids as it is" }).click()
    await page.getByText("Nobody would be another.").waitFor({ state: "detached" })
    expect(await chips.allTextContents()).toEqual(["buffer_window_seconds 5×"])
    expect(complaints).toEqual([])
    await leave()
  })
})
