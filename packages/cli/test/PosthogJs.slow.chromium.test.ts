import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { PostHog } from "posthog-node"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { ask, serve, type Serving, token } from "./Serving.ts"
import * as Shop from "./Shop.ts"

const chromium = Machine.chromium()
const timeout = 600_000

/**
 * With `always` every visitor is a person, by default posthog-js asks for persons of users only; the preset `page`
 * makes no such difference. The smaller bundle loads scripts on demand.
 */
const ways = [
  { bundle: "array.full.js", profiles: "always" },
  { bundle: "array.js", profiles: undefined },
] as const

describe.skipIf(chromium === undefined).each(ways)(
  "posthog-js, unchanged: $bundle, person_profiles $profiles",
  { timeout },
  ({ bundle, profiles }) => {
    let directory = ""
    let server: Serving
    let shop: Shop.Shop
    let browser: Browser

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "onymous-browser-"))
      server = await serve(["--data-dir", directory])
      const config = {
        api_host: server.url,
        // Without this, posthog-js takes a browser without a screen for a bot, and hides errors.
        opt_out_useragent_filter: true,
        debug: true,
        ...(profiles !== undefined && { person_profiles: profiles }),
      }
      shop = await Shop.open(Shop.bundled(token, config), bundle)
      browser = await Shop.launch(chromium ?? "")
    }, timeout)

    afterAll(async () => {
      await browser?.close()
      await shop?.close()
      await server?.kill()
      rmSync(directory, { recursive: true, force: true })
    })

    it("persons are as the page says, and nothing goes wrong", async () => {
      const page = await browser.newPage()
      const watched = await Shop.watch(page, server.url)
      const device = await browse(page, shop.url)
      // A page loses an event, whatever the server, if the browser leaves while posthog-js packs the event.
      await expect
        .poll(() => idsOf(server.url, "$identify"), { timeout: 300_000 })
        .toEqual(["ada", "grace"])
      watched.leaving()
      await page.evaluate("posthog.capture('left'); location.href = '/exit'")
      await page.waitForURL(`${shop.url}/exit`)
      for (const [name, ids] of Object.entries(sent(device))) {
        await expect.poll(() => idsOf(server.url, name), { timeout: 300_000 }).toEqual(ids)
      }
      expect(watched.complaints).toEqual([])
      expect(watched.requests.map(({ pathname }) => pathname)).toEqual(
        expect.arrayContaining([`/array/${token}/config.js`, "/flags/", "/i/v0/e/"]),
      )
      expect(watched.requests.filter(({ search }) => search.includes("retry_count"))).toEqual([])
      expect(await watched.beacons()).toContain(`${server.url}/i/v0/e/`)

      await sendFromBackend(server.url)
      const { head } = await ask(server.url, "status")
      const answer = await ask(server.url, `persons?min_position=${String(head)}`)
      expect(persons(answer["results"])).toEqual(expected(device, shop.url))
      const { results } = await ask(server.url, "warnings")
      expect(warnings(results)).toEqual([
        "cannot_merge_already_identified 1",
        "cannot_merge_with_illegal_distinct_id 1",
      ])
    })
  },
)

/** The anonymous ids that one browser had. */
interface Device {
  readonly first: string
  readonly second: string
}

/** Two users, one after the other, on one device. */
const browse = async (page: Page, shop: string): Promise<Device> => {
  const id = async () => String(await page.evaluate("posthog.get_distinct_id()"))
  await page.goto(`${shop}/?utm_source=paper`)
  await page.waitForFunction(`window._POSTHOG_REMOTE_CONFIG?.["${token}"] !== undefined`)
  const first = await id()
  await page.evaluate("posthog.capture('looked')")
  await page.evaluate("posthog.identify('ada', { plan: 'free' }, { seen: 'monday' })")
  await page.evaluate("posthog.alias('ada-on-paper')")
  await page.evaluate("posthog.setPersonProperties({ plan: 'team' }, { seen: 'tuesday' })")
  await page.evaluate("posthog.reset()")
  const second = await id()
  await page.evaluate("posthog.capture('looked again')")
  await page.evaluate("posthog.identify('grace', { plan: 'free' })")
  return { first, second }
}

/**
 * Event → the ids of its events. When a page closes, posthog-js sends unfinished requests again, with the same uuids:
 * the log has each event once all the same.
 */
const sent = ({ first, second }: Device): Readonly<Record<string, ReadonlyArray<string>>> => ({
  $pageview: [first],
  looked: [first],
  $identify: ["ada", "grace"],
  $create_alias: ["ada"],
  $set: ["ada"],
  "looked again": [second],
  left: ["grace"],
  $pageleave: ["grace"],
})

/** A back end knows the same users; the rules refuse two of its merges. */
const sendFromBackend = async (host: string): Promise<void> => {
  const errors: Array<unknown> = []
  const posthog = new PostHog(token, { host, enableLocalEvaluation: false })
  posthog.on("error", (error: unknown) => errors.push(error))
  posthog.capture({ distinctId: "ada", event: "paid", properties: { $set: { orders: 1 } } })
  posthog.identify({ distinctId: "grace", properties: { plan: "team" } })
  posthog.identify({ distinctId: "grace", properties: { $anon_distinct_id: "ada" } })
  posthog.alias({ distinctId: "ada", alias: "guest" })
  expect(await posthog.getAllFlags("ada")).toEqual({})
  await posthog.shutdown(30_000)
  expect(errors).toEqual([])
}

/** Campaign parameters that posthog-js looks for, and sets to null where the address has none. */
const noCampaign =
  `utm_medium utm_campaign utm_content utm_term gad_source mc_cid gclid gclsrc dclid
  gbraid wbraid fbclid msclkid twclid li_fat_id igshid ttclid rdt_cid epik qclid sccid oppref bfcid
  irclid _kx`.split(/\s+/)

/** How both users came to the shop: properties from posthog-js, and those that PostHog derived in 2022. */
const arrival = (shop: string): Readonly<Record<string, unknown>> => {
  const seen = {
    $referrer: "$direct",
    $referring_domain: "$direct",
    $current_url: `${shop}/?utm_source=paper`,
    $host: new URL(shop).host,
    $pathname: "/",
    utm_source: "paper",
    ...Object.fromEntries(noCampaign.map((name) => [name, null])),
  }
  const initial = Object.entries(seen).map(([key, value]) => [
    `$initial_${key.replace("$", "")}`,
    value,
  ])
  return {
    ...seen,
    ...Object.fromEntries(initial),
    $initial_browser: "Chrome",
    $initial_browser_version: expect.any(Number),
    $initial_device_type: "Desktop",
    $initial_os: "Linux",
  }
}

const expected = ({ first, second }: Device, shop: string) => [
  {
    ids: [first, "ada", "ada-on-paper"],
    isIdentified: true,
    properties: { ...arrival(shop), plan: "team", seen: "monday", orders: 1 },
  },
  {
    ids: [second, "grace"],
    isIdentified: true,
    properties: { ...arrival(shop), plan: "team" },
  },
]

const list = (results: unknown) => (Array.isArray(results) ? results : [])

/** Persons in the order of their distinct ids, which the API sorts. */
const persons = (results: unknown) =>
  list(results)
    .map(({ distinct_ids, is_identified, properties }) => ({
      ids: distinct_ids,
      isIdentified: is_identified,
      properties,
    }))
    .toSorted((a, b) => (String(a.ids) < String(b.ids) ? -1 : 1))

const warnings = (results: unknown) =>
  list(results)
    .map(({ type, count }) => `${type} ${count}`)
    .toSorted()

const idsOf = async (url: string, name: string): Promise<ReadonlyArray<string>> => {
  const { results } = await ask(url, "events")
  return list(results)
    .filter(({ event }) => event === name)
    .map(({ distinct_id }) => String(distinct_id))
    .toSorted()
}
