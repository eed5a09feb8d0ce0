import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { start, type StudioServer } from "./StudioServer.ts"
import { launch, visit } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

/** Fewer events than any cone of this test has. */
const eventsMax = 5

/** Has the page fold no more than a few events of a cone. */
const foldLittle = (page: Page) =>
  page.route("**/cone?*", (route) =>
    route.continue({ url: `${route.request().url()}&events_max=${eventsMax}` }),
  )

describe.skipIf(chromium === undefined)("of more events than the page folds", { timeout }, () => {
  let server: StudioServer
  let browser: Browser

  beforeAll(async () => {
    server = await start()
    await server.loadDemo()
    browser = await launch(chromium ?? "")
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it("the server tells person, why, what differs and what if, at each moment, and the page says so", async () => {
    const { page, complaints, leave } = await visit(browser, server.url)
    await foldLittle(page)
    await page.goto(`${server.url}/?id=mia%40fig.example&with=noah%40fig.example&at=1184&vs=417`)
    await page.getByText("the server is asked at each moment, which is slower").waitFor()
    await page.getByRole("heading", { name: "Mia Okafor" }).waitFor()
    await page.getByText(/^4 ids, identified, version/).waitFor()
    await page.getByText("They are one person.").waitFor()
    await page
      .locator(".compared")
      .getByText(/changed\.$/)
      .waitFor()
    const slider = page.getByRole("slider", { name: "Position in the log" })
    await slider.press("ArrowLeft")
    await page.getByText(/^3 ids, identified, version/).waitFor()
    await page.getByText("They are two. No event ever named both.").waitFor()
    await slider.press("ArrowRight")
    await page.getByText(/^4 ids, identified, version/).waitFor()
    const [last] = await page.getByRole("button", { name: "Leave this out" }).all()
    await last?.click()
    await page.getByText(/It could reach \d+ ids at most/).waitFor()
    await page.getByRole("heading", { name: "Without it" }).waitFor()
    await page.locator(".without").getByRole("heading", { name: "Noah Lind" }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByText("Live", { exact: true }).waitFor()
    await page.getByText("the server is asked at each moment").waitFor()
    expect(complaints).toEqual([])
    await leave()
  })
})
