import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { key, serve, type Serving } from "./Serving.ts"
import * as Shop from "./Shop.ts"

const chromium = Machine.chromium()
const timeout = 600_000

describe.skipIf(chromium === undefined)("in a browser", { timeout }, () => {
  let directory = ""
  let server: Serving
  let browser: Browser

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "onymous-pages-"))
    server = await serve(["--data-dir", directory])
    browser = await Shop.launch(chromium ?? "")
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it.each([
    { path: "/", shown: "Whose event is this, and why?" },
    { path: "/docs", shown: "/api/projects/{project}/persons" },
  ])("the page at $path shows, asks no other host, and nothing of it is refused", async (each) => {
    const page = await browser.newPage()
    const watched = await Shop.watch(page, server.url)
    const origins = new Set<string>()
    page.on("request", (request) => void origins.add(new URL(request.url()).origin))
    await page.goto(`${server.url}${each.path}`)
    await page.getByText(each.shown).first().waitFor({ state: "attached" })
    await page.waitForLoadState("networkidle")
    expect([...origins]).toEqual([server.url])
    expect(watched.complaints).toEqual([])
    await page.close()
  })

  it("the docs ask for the key of the API in a field of its own", async () => {
    const page = await browser.newPage()
    await page.goto(`${server.url}/docs`)
    await page.getByText("Bearer Token").first().waitFor()
    await page.getByPlaceholder("Token").first().fill(key)
    await page.close()
  })
})
