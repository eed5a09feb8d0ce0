import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { start, type StudioServer } from "./StudioServer.ts"
import { launch, type Looking, looking, seriousOn } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

/** Waits as long as a slow machine takes. */
const slowly = { timeout: 120_000 }

const mia = "/?id=mia%40fig.example&at=1184"

const modes = [390, 1440, 2560].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
)

/** The serious findings on a view, and whether the view is wider than the window. */
const wrongWith = async (page: Page) => ({
  serious: await seriousOn(page),
  isSideways: await page.evaluate("document.documentElement.scrollWidth > innerWidth"),
})

const nothing = { serious: [], isSideways: false }

/** A view: its path, and a wait until the page shows it. */
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

type Color = readonly [number, number, number]

const colorFrom = (text: string): Color => {
  const [red = 0, green = 0, blue = 0] = (text.match(/[\d.]+/g) ?? []).map(Number)
  return [red, green, blue]
}

const colorOf = async (page: Page, place: string, property: string): Promise<Color> =>
  colorFrom(
    String(
      await page
        .locator(place)
        .first()
        .evaluate((element, name) => Reflect.get(getComputedStyle(element), name), property),
    ),
  )

/** The colour of the strip at a share of its width, in its uppermost row. */
const playheadOn = async (page: Page, share: number): Promise<Color> => {
  const pixel = await page.locator(".strip canvas").evaluate((element, at) => {
    if (!(element instanceof HTMLCanvasElement)) return ""
    const data = element.getContext("2d")?.getImageData(Math.round(element.width * at) - 1, 1, 1, 1)
    return [...(data?.data ?? [])].join(" ")
  }, share)
  return colorFrom(pixel)
}

const luminance = (color: Color): number => {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** How far two colours are apart, as WCAG reckons it. */
const contrast = (one: Color, other: Color): number => {
  const [less = 0, more = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (more + 0.05) / (less + 0.05)
}

/** The name or the text of the element with the focus; empty where none has it. */
const focused = async (page: Page): Promise<string> =>
  String(
    await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return ""
      return element.getAttribute("aria-label") ?? element.textContent
    }),
  )

/**
 * True where the focused element shows that it has the focus. While the page draws that element anew, no element has
 * the focus, or a part of the page that no Tab reaches.
 */
const isSeen = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element.tabIndex < 0) return true
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1
  })

const isWithin = (page: Page, place: string): Promise<boolean> =>
  page.evaluate((name) => document.activeElement?.closest(name) !== null, place)

/** Far more stops than a page has. */
const stopsMax = 150

/** Presses Tab until the named element has the focus; each stop on the way has to show its focus. */
const tabTo = async (page: Page, name: RegExp, place = "body"): Promise<void> => {
  for (let stops = 0; stops < stopsMax; stops++) {
    await page.keyboard.press("Tab")
    const at = await focused(page)
    await expect.poll(() => isSeen(page), { ...slowly, message: at }).toBe(true)
    if (name.test(at) && (await isWithin(page, place))) return
  }
  throw new Error(`Tab does not lead to ${name}.`)
}

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

    it.each(["light", "dark"] as const)(
      "shows marks, playhead and what is chosen in the colours of the system, $0",
      async (colorScheme) => {
        await look(
          mia,
          async (page) => {
            await page.getByText("The weak link.").waitFor()
            await page.getByText("not yet come").waitFor()
            await page.getByText("this person").waitFor()
            const ground = await colorOf(page, "body", "backgroundColor")
            for (const [place, property] of [
              [".strip svg.m", "color"],
              [".lanes .letter", "color"],
              [".events svg.m", "color"],
              [".threads .lane", "stroke"],
              [".threads .merge-mark", "fill"],
              [".threads .join", "stroke"],
            ] as const) {
              const hue = await colorOf(page, place, property)
              expect({ place, isSeen: contrast(hue, ground) >= 3 }).toEqual({ place, isSeen: true })
            }
            expect(contrast(await playheadOn(page, 1184 / 1630), ground)).toBeGreaterThanOrEqual(3)
            for (const [chosen, other] of [
              [".events a[aria-current]", ".events a:not([aria-current])"],
              [".tabs [aria-selected=true]", ".tabs [aria-selected=false]"],
              [".views [aria-current]", ".views a:not([aria-current])"],
            ] as const) {
              const [is, isNot] = [
                await colorOf(page, chosen, "backgroundColor"),
                await colorOf(page, other, "backgroundColor"),
              ]
              expect({ chosen, same: `${is}` === `${isNot}` }).toEqual({ chosen, same: false })
              const words = await colorOf(page, chosen, "color")
              expect({ chosen, isRead: contrast(words, is) >= 4.5 }).toEqual({
                chosen,
                isRead: true,
              })
            }
          },
          { colorScheme, forcedColors: "active" },
        )
      },
    )

    it("moves nothing by itself where somebody asked for that", async () => {
      const moving = (page: Page) => page.evaluate("document.getAnimations().length")
      const seen = async (page: Page) => {
        await page.getByText("Live", { exact: true }).waitFor()
        await page.getByText("Mia Okafor and Noah Lind became one").waitFor()
      }
      await look("/", async (page) => {
        await seen(page)
        expect(await moving(page)).toBe(1)
      })
      await look(
        "/",
        async (page) => {
          await seen(page)
          expect(await moving(page)).toBe(0)
          await page.keyboard.press("?")
          await page.getByRole("dialog").waitFor()
          expect(await moving(page)).toBe(0)
          await page.keyboard.press("Escape")
          await page.getByRole("button", { name: "Play" }).click()
          await page.getByRole("button", { name: "Pause" }).waitFor()
          expect(await moving(page)).toBe(0)
          await page.getByRole("button", { name: "Pause" }).click()
        },
        { reducedMotion: "reduce" },
      )
    })

    it("has the wrong merge found, explained and retracted by keys alone, and never loses the focus", () =>
      look("/", async (page) => {
        const press = (key: string) => page.keyboard.press(key)
        await page.getByText("Mia Okafor and Noah Lind became one").waitFor()
        await tabTo(page, /^Look at #1,184/)
        await press("Enter")
        await page.getByText("The weak link.").waitFor()
        await tabTo(page, /^Leave this out/, ".weak")
        await press("Enter")
        await page.getByRole("heading", { name: "Without #1,184" }).waitFor()
        await expect.poll(() => focused(page), slowly).toMatch(/^What if #1,184 had not come\?/)
        await tabTo(page, /^Retract it/, ".what-if")
        await press("Enter")
        await expect.poll(() => focused(page), slowly).toBe("Keep it")
        await press("Escape")
        await expect.poll(() => focused(page), slowly).toBe("Retract it…")
        await press("Enter")
        await expect.poll(() => focused(page), slowly).toBe("Keep it")
        // Somebody quick: the page has no time between the two keys.
        await Promise.all([press("Escape"), press("Enter")])
        await expect.poll(() => focused(page), slowly).toBe("Keep it")
        for (const _ of ["Yes", "Why?", "Who are you?"]) await press("Shift+Tab")
        await page.keyboard.type("ann")
        await press("Tab")
        await page.keyboard.type("a shared tablet")
        await press("Enter")
        await page.getByText("is retracted since #1,631").waitFor()
        await expect.poll(() => focused(page), slowly).toMatch(/^#1,184 is retracted since #1,631/)
        await tabTo(page, /^Have it back/)
        for (const [key, shown] of [
          ["?", "Keys"],
          ["j", "Jump to…"],
        ] as const) {
          await press(key)
          await page.getByRole("dialog", { name: shown }).waitFor()
          expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(
            true,
          )
          await press("Escape")
          await expect.poll(() => focused(page), slowly).toBe("Have it back")
        }
        await press("Enter")
        await page.getByText(/^4 ids, identified since/).waitFor()
      }))

    it("has complained of nothing, and asked no other host", () => {
      expect(looks.complaints).toEqual([])
    })
  })
})
