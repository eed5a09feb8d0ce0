import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { type Sent, start, type StudioServer } from "./StudioServer.ts"
import { launch, type Looking, looking } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

const markup = "<img src=x onerror=alert(1)>"
const turned = "שלום-عربي-\u202eabc"
const emoji = "👩‍👩‍👧‍👦-🌿"
const long = `${"長🌿".repeat(199)}-z`

/** The part of the long id that the log keeps: the first 200 characters, and no half of one. */
const kept = [...long].slice(0, 200).join("")

/** A text as the page shows it: an escape replaces a character that would turn others around. */
const seen = (text: string): string => text.replace("\u202e", "\\u202e")

const tag = "<svg onload=alert(2)>"

/** Own properties by names that objects have anyway. */
const named: object = JSON.parse(
  '{"__proto__":"<b>proto</b>","constructor":"<b>made</b>","<u>k</u>":1}',
)

const identify = (id: string, anonymous: string, set: object): Sent => ({
  event: "$identify",
  distinct_id: id,
  properties: { $anon_distinct_id: anonymous, $set: set },
})

const events: ReadonlyArray<Sent> = [
  identify(markup, emoji, { name: "<i>Left</i>", email: `left@${turned}`, ...named }),
  {
    event: tag,
    distinct_id: turned,
    properties: { $device_id: turned, $set: { name: "<i>Right</i>", note: "x".repeat(100_000) } },
  },
  identify(long, "another", { name: "🌿".repeat(300) }),
  { event: "$create_alias", distinct_id: markup, properties: { alias: long } },
  { event: tag, distinct_id: emoji, properties: { $set: { note: "<b>short</b>" } } },
  { event: "$create_alias", distinct_id: markup, properties: { alias: turned } },
]

/** The position at which the two persons became one. */
const joinedAt = events.length

const pathOf = (id: string, more = ""): string =>
  `/?id=${encodeURIComponent(id).replaceAll("%20", "+")}${more}`

describe.skipIf(chromium === undefined)("whatever clients send", { timeout }, () => {
  let server: StudioServer
  let browser: Browser
  let looks: Looking

  beforeAll(async () => {
    server = await start()
    browser = await launch(chromium ?? "")
    looks = looking(browser, server.url)
    await server.send(events)
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  /** Elements that a text has become: the page has none of these itself. */
  const made = (page: Page) =>
    page.locator("img, script[src=x], [onerror], [onload], b > b, u, main i, h1 i").count()

  const sound = async (page: Page, where: string) => {
    const isSideways = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    expect({ where, made: await made(page), isSideways }).toEqual({
      where,
      made: 0,
      isSideways: false,
    })
  }

  const textOf = async (page: Page) => String(await page.locator("main").textContent())

  it.each([1440, 390])(
    "is text in every view, and nothing is wider than the window at %i",
    async (width) => {
      await look(width, "/", "overview", async (page) => {
        await page.getByText("<i>Left</i> and <i>Right</i> became one").waitFor()
      })
      await look(width, pathOf(markup, `&at=${joinedAt}`), "person", async (page) => {
        await page.getByRole("heading", { name: "<i>Left</i>", exact: true }).waitFor()
        await page.getByText("The weak link.").waitFor()
        for (const key of ["__proto__", "constructor", "<u>k</u>"]) {
          await page.getByRole("rowheader", { name: key, exact: true }).waitFor()
        }
        expect(await textOf(page)).toContain("<b>proto</b>")
        for (const id of [markup, emoji, turned]) {
          await page.locator(".lanes").getByText(seen(id)).first().waitFor()
        }
        expect(await page.title()).toContain("<i>Left</i>")
        for (const tab of ["Ids", "Events", "Changes", "As a list"]) {
          await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click()
          await page.getByRole("tabpanel").getByText(seen(turned)).first().waitFor()
          await sound(page, `${tab} at ${width}`)
          if (tab === "Events") expect(await textOf(page)).toContain(tag)
        }
      })
      await look(
        width,
        pathOf(long, `&with=${encodeURIComponent(markup)}`),
        "why not",
        async (page) => {
          await page.getByText("One event asked to make them one, and it was refused.").waitFor()
          await page.getByRole("button", { name: "What the rules saw" }).click()
          await page.getByText("refused_identified").waitFor()
          expect(await textOf(page)).toContain(kept)
        },
      )
      await look(width, "/?view=warnings", "warnings", async (page) => {
        await page.getByRole("row", { name: markup }).first().waitFor()
      })
      await look(width, pathOf(turned), "what if", async (page) => {
        await page.locator(".weak").getByRole("button", { name: "Leave this out" }).click()
        await page.getByRole("heading", { name: `Without #${joinedAt}` }).waitFor()
        await page.getByText("<i>Right</i>").first().waitFor()
        await page.getByRole("button", { name: "Retract it…" }).click()
        await page.getByRole("dialog").getByText("<i>Left</i> keeps 2 ids").waitFor()
      })
    },
  )

  it("is text where it is looked for, and a value of 100 kB is shown whole on demand", () =>
    looks.look(pathOf(turned, "&at=2"), async (page) => {
      await page.getByRole("button", { name: "Show all 100 kB" }).click()
      const value = page.getByRole("region", { name: "The whole value" })
      expect(await value.textContent()).toBe("x".repeat(100_000))
      for (const [typed, option] of [
        ["<img", markup],
        [[...long].slice(0, 4).join(""), kept],
        ["<i>Left", "<i>Left</i>"],
      ] as const) {
        await page.getByLabel("Find").fill(typed)
        await page
          .getByRole("option", { name: seen(option) })
          .first()
          .waitFor()
        await sound(page, typed)
      }
    }))

  it("has complained of nothing, and asked no other host", () => {
    expect(looks.complaints).toEqual([])
  })

  const look = (width: number, path: string, where: string, see: (page: Page) => Promise<void>) =>
    looks.look(
      path,
      async (page) => {
        await see(page)
        await sound(page, `${where} at ${width}`)
      },
      { width },
    )
})
