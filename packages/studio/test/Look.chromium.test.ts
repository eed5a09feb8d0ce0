import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { start, type StudioServer } from "./StudioServer.ts"
import { launch, type Looking, looking, seriousOn } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

const mia = "/?id=mia%40fig.example&at=1184"

const modes = [390, 1440, 2560].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
)

/** What is serious on a view, and whether it is wider than the window. */
const wrongWith = async (page: Page) => ({
  serious: await seriousOn(page),
  isSideways: await page.evaluate("document.documentElement.scrollWidth > innerWidth"),
})

const nothing = { serious: [], isSideways: false }

/** A view: where it is, and how it is known to be there. */
interface View {
  readonly path: string
  readonly shown: (page: Page) => Promise<void>
}

const tab = (name: RegExp) => async (page: Page) => {
  await page.getByRole("tab", { name }).click()
  await page.getByRole("tab", { name, selected: true }).waitFor()
}

const views: ReadonlyArray<View> = [
  { path: "/", shown: (page) => page.getByText("Mia Okafor and Noah Lind became one").waitFor() },
  { path: mia, shown: (page) => page.getByText("The weak link.").waitFor() },
  { path: "", shown: tab(/^Ids/) },
  { path: "", shown: tab(/^Events/) },
  { path: "", shown: tab(/^Changes/) },
  { path: "", shown: tab(/^As a list/) },
  {
    path: "/?id=tomas%40fig.example&with=lena%40fig.example",
    shown: async (page) => {
      await page.getByRole("button", { name: "What the rules saw" }).click()
      await page.getByText("refused_identified").waitFor()
    },
  },
  {
    path: "/?id=mia%40fig.example&at=1184&without=019ac0de-0000-7000-8000-000000000048",
    shown: (page) => page.getByRole("heading", { name: "Without #1,184" }).waitFor(),
  },
  {
    path: "",
    shown: async (page) => {
      await page.getByRole("button", { name: "Retract it…" }).click()
      await page.getByLabel("Who are you?").waitFor()
    },
  },
  {
    path: "/?view=warnings",
    shown: (page) =>
      page
        .getByRole("row", { name: /lena@fig.example/ })
        .first()
        .waitFor(),
  },
  { path: "/?view=status", shown: (page) => page.getByLabel("A rule").waitFor() },
]

describe.skipIf(chromium === undefined)("the look of the page", { timeout }, () => {
  let server: StudioServer
  let browser: Browser
  let looks: Looking

  beforeAll(async () => {
    server = await start()
    browser = await launch(chromium ?? "")
    looks = looking(browser, server.url)
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  const look: Looking["look"] = (...asked) => looks.look(...asked)

  describe("before an event has come", () => {
    it.each(modes)("reads well at $width, $colorScheme", async (mode) => {
      await look(
        "/",
        async (page) => {
          await page.getByLabel("Secret key").waitFor()
          expect(await wrongWith(page)).toEqual(nothing)
        },
        { ...mode, isIn: false },
      )
      await look(
        "/",
        async (page) => {
          await page.getByText("No event has come yet.").waitFor()
          expect(await wrongWith(page)).toEqual(nothing)
        },
        mode,
      )
    })
  })

  describe("on the demo world", () => {
    beforeAll(() => server.loadDemo(), timeout)

    it.each(modes)("reads well at $width, $colorScheme, in every view", async (mode) => {
      await look(
        "/",
        async (page) => {
          for (const [index, { path, shown }] of views.entries()) {
            if (path !== "") await page.goto(`${server.url}${path}`)
            await shown(page)
            expect({ index, path, ...(await wrongWith(page)) }).toEqual({ index, path, ...nothing })
          }
        },
        mode,
      )
    })

    it("has complained of nothing, and asked no other host", () => {
      expect(looks.complaints).toEqual([])
    })
  })
})
