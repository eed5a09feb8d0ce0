import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { type Sent, start, type StudioServer } from "./StudioServer.ts"
import { launch, type Looking, looking } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

/** Waits as long as a slow machine takes. */
const slowly = { timeout: 120_000 }

const page = (id: string, more = "") => `/?id=${encodeURIComponent(id)}${more}`

const owner = "mega@fig.example"
const victim = "victim@fig.example"
const guilty = "00000000-0000-4000-8000-00000000beef"

/** A person of 2,500 ids, one of them by a wrong alias. */
const mega: ReadonlyArray<Sent> = [
  ...Array.from({ length: 2498 }, (_, index) => ({
    event: "$identify",
    distinct_id: owner,
    properties: {
      $anon_distinct_id: `browser-${index}`,
      ...(index === 0 && { $set: { name: "Max Mega", email: owner } }),
    },
  })),
  {
    event: "$pageview",
    distinct_id: victim,
    properties: { $device_id: victim, $set: { name: "Vic Tim", email: victim } },
  },
  {
    event: "$create_alias",
    distinct_id: owner,
    uuid: guilty,
    properties: { alias: victim },
  },
]

/** A person to delete, with values that occur nowhere else. */
const leaving: ReadonlyArray<Sent> = ["gone-phone", "gone-laptop"].map((device) => ({
  event: "$identify",
  distinct_id: "gone@fig.example",
  properties: { $anon_distinct_id: device, $set: { name: "Gone Girl", email: "gone@fig.example" } },
}))

describe.skipIf(chromium === undefined)("acceptance", { timeout }, () => {
  let server: StudioServer
  let browser: Browser
  let looks: Looking
  let guiltyAt = 0

  beforeAll(async () => {
    server = await start()
    browser = await launch(chromium ?? "")
    looks = looking(browser, server.url)
    await server.loadDemo()
    await server.send([...mega, ...leaving])
    guiltyAt = 1630 + mega.length
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  const look: Looking["look"] = (...asked) => looks.look(...asked)
  const named = () => `#${guiltyAt.toLocaleString("en")}`

  it("(a) from a mega-person the guilty event is found in two clicks", () =>
    look(page(owner), async (page) => {
      await page.getByText(/^2,500 ids, identified since/).waitFor()
      await page.getByText("two persons with different").waitFor()
      await page.getByRole("button", { name: "Show why" }).click()
      const weak = page.locator(".weak")
      await weak.getByText("The weak link.").waitFor()
      await weak.getByText("Two values of Vic Tim’s gave way").waitFor()
      await weak.getByRole("link", { name: named() }).first().click()
      await expect
        .poll(() => page.locator(".events [aria-current]").textContent(), slowly)
        .toContain(`$create_alias${victim} → ${owner}`)
    }))

  it("(b) a refused identify is explained to somebody who only looks, with its remedy", async () => {
    const { path } = await server.post("studio/link", { read_only: true })
    await look(
      String(path),
      async (page) => {
        await page.getByRole("link", { name: "Warnings" }).first().waitFor()
        await page.goto(`${server.url}/?view=warnings&q=lena`)
        await page.getByRole("link", { name: "why" }).last().click()
        await page.getByText("Why not one person?").waitFor()
        await page.getByText("One event asked to make them one, and it was refused.").waitFor()
        await page.getByText(/lena@fig.example was to be merged into tomas@fig.example/).waitFor()
        await page
          .getByText("who is identified is never merged into somebody else", { exact: false })
          .waitFor()
        await page.getByText("What would make it pass:").waitFor()
        await page.getByText(/Call reset\(\) before somebody else logs in/).waitFor()
      },
      { isIn: false },
    )
  })

  it("(c) two users of one laptop without reset stay two, each refusal is shown, and what to do", () =>
    look("/?view=warnings&q=lena", async (page) => {
      await page.getByRole("link", { name: "why" }).first().click()
      await page.getByText("Three events asked to make them one, and each was refused.").waitFor()
      await page.getByText(/Call reset\(\)/).waitFor()
      expect(await page.locator(".threads .join.refused.cross").count()).toBe(3)
      await page.getByRole("tab", { name: "As a list" }).click()
      await expect.poll(() => page.locator(".as-list li").count(), slowly).toBe(3)
      for (const [id, other] of [
        ["lena@fig.example", "tomas@fig.example"],
        ["tomas@fig.example", "lena@fig.example"],
      ] as const) {
        expect((await server.person(id))?.distinct_ids).not.toContain(other)
      }
    }))

  it("(d) the sign-up of 61 seconds: what waited, for how long, and that there were two for a second", () =>
    look(page("yuki@fig.example", "&tab=list&with=yuki-web"), async (page) => {
      const list = page.locator(".as-list")
      await expect
        .poll(() => list.textContent(), slowly)
        .toMatch(/An event of yuki@fig.example, an id that nobody knew, waited 61 s, until #802\./)
      expect(await list.textContent()).toContain("yuki@fig.example took in yuki-web")
      await page.locator(".threads").getByText("+61 s").waitFor()
      await page.getByText(/They are one person since #802/).waitFor()
      await page.getByRole("tab", { name: /^Changes/ }).click()
      await page.getByText("created with yuki@fig.example").waitFor()
      await page.getByRole("slider", { name: "Position in the log" }).press("PageUp")
      await expect.poll(() => new URL(page.url()).searchParams.get("at"), slowly).toBe("802")
      await page.keyboard.press("[")
      await page.getByText("They are two. No event ever named both.").waitFor()
    }))

  it("(e) a cap that is raised lists who would be another", async () => {
    await server.post("policy", { guard_ids_per_person: "enforce" }, "PATCH")
    const $anon_distinct_id = "one-too-many"
    await server.send([
      { event: "$identify", distinct_id: owner, properties: { $anon_distinct_id } },
    ])
    expect((await server.person(owner))?.distinct_ids).toHaveLength(2500)
    await look("/?view=status", async (page) => {
      await page.getByLabel("A rule").selectOption("guard_ids_per_person_max")
      await page.getByLabel("Its value").fill("5000")
      await page.getByRole("button", { name: "What if" }).click()
      await page.getByText(/would be 1 person, with 0 warnings more and 1 fewer\./).waitFor()
      const after = page.getByRole("region", { name: "With this rule" })
      await after.getByRole("heading", { name: "Max Mega" }).waitFor()
      expect(await after.locator(".gain").allTextContents()).toEqual([$anon_distinct_id])
    })
    await server.post("policy", { guard_ids_per_person: "off" }, "PATCH")
  })

  it("(f) one merge is undone, and the other 2,499 ids stay", async () => {
    const before = await server.person(owner)
    expect(before?.distinct_ids).toHaveLength(2500)
    // While a slow machine derives the retraction, the page is told to ask again.
    await look(
      page(owner),
      async (page) => {
        await page.locator(".weak").getByRole("button", { name: "Leave this out" }).click()
        await page.getByRole("heading", { name: `Without ${named()}` }).waitFor()
        await page.getByText(/2 persons and \d event/).waitFor()
        await page.getByRole("button", { name: "Retract it…" }).click()
        await page.getByLabel("Who are you?").fill("ann")
        await page.getByLabel("Why?").fill("somebody else")
        await page.getByRole("button", { name: `Yes, retract ${named()}` }).click()
        await page.getByText(/^2,499 ids, identified since/).waitFor()
      },
      { expected: /status of 503/ },
    )
    const after = await server.person(owner)
    expect(after?.person_id).toBe(before?.person_id)
    expect(new Set(after?.distinct_ids)).toEqual(
      new Set(before?.distinct_ids.filter((id) => id !== victim)),
    )
    expect(after?.properties).toMatchObject({ name: "Max Mega", email: owner })
    expect(await server.person(victim)).toMatchObject({
      distinct_ids: [victim],
      properties: { name: "Vic Tim", email: victim },
    })
  })

  it("(g) a link to a warning shows the same picture a year and many events later", async () => {
    let link = ""
    const seen = async (page: Page) => {
      await page.getByText("What would make it pass:").waitFor()
      // The list around the moment is there once it has the moment's own event.
      const around = page.getByRole("region", { name: "Around this moment" })
      await around.getByRole("link", { name: /^951 / }).waitFor()
      await page.getByText("not yet come").waitFor()
      return page.locator("main").ariaSnapshot()
    }
    let then = ""
    await look("/?view=warnings&q=lena", async (page) => {
      await page.getByRole("link", { name: "why" }).nth(1).click()
      then = await seen(page)
      await page.getByRole("button", { name: "Copy link" }).click()
      await page.getByRole("button", { name: "Copied" }).waitFor()
      const copied = new URL(String(await page.evaluate("navigator.clipboard.readText()")))
      expect(copied.searchParams.get("at")).toBe("951")
      link = `${copied.pathname}${copied.search}`
    })
    await server.send([
      ...["lena@fig.example", "tomas@fig.example"].map((distinct_id) => ({
        event: "$pageview",
        distinct_id,
        properties: { $set: { name: "Somebody else by now" } },
      })),
      { event: "$identify", distinct_id: "later", properties: { $anon_distinct_id: "later-web" } },
      { event: "$create_alias", distinct_id: "later", properties: { alias: victim } },
    ])
    await server.post("policy", { buffer_enabled: false }, "PATCH")
    const year = 365 * 86_400_000
    await look(
      link,
      async (page) => {
        await seen(page)
        await expect.poll(() => page.locator("main").ariaSnapshot(), slowly).toBe(then)
      },
      { now: new Date(Date.now() + year) },
    )
  })

  it("(h) who was deleted does not return by a rebuild, nor with a later event", async () => {
    const ids = ["gone@fig.example", "gone-phone", "gone-laptop"]
    await server.post("persons/delete", { distinct_id: ids[0], by: "ann", reason: "asked" })
    const nobody = async () => {
      for (const id of ids) expect(await server.person(id)).toBeUndefined()
      expect(await server.ask("persons?search=Gone%20Girl")).toMatchObject({ results: [] })
      await look(page("gone@fig.example"), async (page) => {
        await page.getByText("Nobody is called gone@fig.example.").waitFor()
        expect(await page.locator("main").textContent()).not.toContain("Gone Girl")
      })
    }
    await nobody()
    expect(await server.rebuild()).toMatchObject({ published: true, same: true })
    await nobody()
    await server.capture("gone@fig.example", "came back")
    expect(await server.person("gone@fig.example")).toMatchObject({
      distinct_ids: ["gone@fig.example"],
      properties: expect.not.objectContaining({ name: "Gone Girl" }),
    })
  })

  it("has complained of nothing, and asked no other host", () => {
    expect(looks.complaints).toEqual([])
  })
})
