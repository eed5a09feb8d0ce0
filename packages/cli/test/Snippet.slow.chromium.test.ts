import { Schema } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { ask, serve, type Serving, token } from "./Serving.ts"
import * as Shop from "./Shop.ts"

const chromium = Machine.chromium()
const timeout = 600_000

const Tags = Schema.Struct({
  headTags: Schema.Array(
    Schema.Struct({ tagName: Schema.String, innerHTML: Schema.optional(Schema.String) }),
  ),
})

// posthog-js would take a browser without a screen for a bot.
const config = { opt_out_useragent_filter: true }

/** The snippet that PostHog gives to paste into a page, from a package that puts it into pages. */
const snippet = (url: string): string => {
  const plugin: unknown = createRequire(import.meta.url)("posthog-docusaurus")
  if (typeof plugin !== "function") throw new Error("posthog-docusaurus is another one now")
  const options = { apiKey: token, appUrl: url, enableInDevelopment: true, ...config }
  const { headTags } = Schema.decodeUnknownSync(Tags)(plugin({}, options).injectHtmlTags())
  return headTags.map(({ innerHTML = "" }) => `<script>${innerHTML}</script>`).join("")
}

/** The short loader that posthog-js has beside the snippet. */
const loader = (url: string): string =>
  `<script src="${url}/static/loader-bootstrap.js" data-asset-host="${url}"></script>
  <script>posthog.init("${token}", ${JSON.stringify({ api_host: url, ...config })})</script>`

const ways = [
  { way: "the HTML snippet", scripts: snippet },
  { way: "the loader", scripts: loader },
] as const

describe.skipIf(chromium === undefined)("a page without npm", { timeout }, () => {
  let directory = ""
  let server: Serving
  let browser: Browser

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "onymous-snippet-"))
    server = await serve(["--data-dir", directory])
    browser = await Shop.launch(chromium ?? "")
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it.each(ways)("captures and identifies by $way, all of it from Onymous", async (each) => {
    const user = each.way
    // Calls before the script is there wait for the script.
    const early = `<script>posthog.identify(${JSON.stringify(user)}, { plan: "pro" })</script>`
    const shop = await Shop.open(`${each.scripts(server.url)}${early}`)
    const page = await browser.newPage()
    const watched = await Shop.watch(page, server.url)
    const hosts = new Set<string>()
    page.on("request", (request) => void hosts.add(new URL(request.url()).origin))
    await page.goto(shop.url)
    const asked = async () => {
      const found = await ask(server.url, `events?distinct_id=${encodeURIComponent(user)}`)
      return Array.isArray(found["results"]) ? found["results"].map(({ event }) => event) : []
    }
    await expect
      .poll(asked, { timeout: 300_000 })
      .toEqual(expect.arrayContaining(["$identify", "$pageview"]))
    const { head } = await ask(server.url, "status")
    const found = await ask(
      server.url,
      `persons?distinct_id=${encodeURIComponent(user)}&min_position=${String(head)}`,
    )
    const anonymous = expect.stringMatching(/^[\da-f-]{36}$/)
    expect(found["results"]).toMatchObject([
      { distinct_ids: [anonymous, user], is_identified: true, properties: { plan: "pro" } },
    ])
    expect(watched.complaints).toEqual([])
    expect([...hosts].toSorted()).toEqual([server.url, shop.url].toSorted())
    await page.close()
    await shop.close()
  })
})
