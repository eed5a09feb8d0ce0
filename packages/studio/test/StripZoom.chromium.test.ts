import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { start, type StudioServer } from "./StudioServer.ts"
import { launch, visit } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

/** Waits as long as a slow machine takes. */
const slowly = { timeout: 120_000 }

describe.skipIf(chromium === undefined)("the strip, zoomed", { timeout }, () => {
  let server: StudioServer
  let browser: Browser

  beforeAll(async () => {
    server = await start()
    browser = await launch(chromium ?? "")
    const { page, leave } = await visit(browser, server.url)
    await page.getByRole("button", { name: "Load the demo world" }).click()
    await page.getByRole("heading", { name: "Merges worth a look" }).waitFor()
    await leave()
  }, timeout)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  const look = async (see: (page: Page) => Promise<void>, width = 1440) => {
    const { page, complaints, leave } = await visit(browser, `${server.url}/?at=800`, { width })
    // The strip is there before the page knows the head of the log and the checkpoint.
    const slider = page.getByRole("slider", { name: "Position in the log" })
    await expect.poll(() => slider.getAttribute("aria-valuemax"), slowly).toBe("1630")
    await see(page)
    expect(complaints).toEqual([])
    await leave()
  }

  const stripOf = async (page: Page) => {
    const box = await page.locator(".strip canvas").boundingBox()
    if (box === null) throw new Error("The strip is not on the page.")
    return box
  }

  /** The stretch that the strip says it shows; the whole log where it says nothing. */
  const shownOn = async (page: Page) => {
    const zoomed = page.getByRole("button", { name: /^Zoomed to/ })
    if ((await zoomed.count()) === 0) return { from: 1, to: 1630 }
    const name = (await zoomed.getAttribute("aria-label")) ?? ""
    const [from = 0, to = 0] = [...name.matchAll(/#([\d,]+)/g)].map(([, digits = ""]) =>
      Number(digits.replaceAll(",", "")),
    )
    return { from, to }
  }

  const lengthOn = async (page: Page) => {
    const { from, to } = await shownOn(page)
    return to - from + 1
  }

  const headOn = (page: Page) =>
    page.getByRole("slider", { name: "Position in the log" }).getAttribute("aria-valuenow")

  it("is zoomed by a wheel around the pointer, and whole again by a double click", () =>
    look(async (page) => {
      const { x, y, width } = await stripOf(page)
      await page.mouse.move(x + width / 2, y + 40)
      await page.mouse.wheel(0, -100)
      await expect.poll(() => lengthOn(page), slowly).toBe(1304)
      await page.mouse.wheel(0, -100)
      await expect.poll(() => lengthOn(page), slowly).toBe(1043)
      const { from, to } = await shownOn(page)
      expect(Math.abs((from + to) / 2 - 815)).toBeLessThan(3)
      // A wheel zooms, and does not move the playhead.
      expect(await headOn(page)).toBe("800")
      await page.mouse.wheel(100, 0)
      await expect.poll(async () => (await shownOn(page)).from, slowly).toBeGreaterThan(from)
      await page.mouse.dblclick(x + width / 2, y + 60)
      await expect.poll(() => lengthOn(page), slowly).toBe(1630)
    }))

  it("is moved along the log by the map above it, and goes after the playhead", () =>
    look(async (page) => {
      await page.getByRole("slider", { name: "Position in the log" }).focus()
      for (const _ of [1, 2, 3]) await page.keyboard.press("+")
      await expect.poll(() => lengthOn(page), slowly).toBe(204)
      const { from, to } = await shownOn(page)
      expect(from).toBeLessThan(800)
      expect(to).toBeGreaterThan(800)
      const { x, y, width } = await stripOf(page)
      await page.mouse.move(x + width * 0.2, y + 6)
      await page.mouse.down()
      await page.mouse.move(x + width * 0.1, y + 6)
      await page.mouse.up()
      await expect.poll(async () => (await shownOn(page)).to, slowly).toBeLessThan(300)
      expect(await headOn(page)).toBe("800")
      await page.keyboard.press("ArrowRight")
      await expect.poll(async () => (await shownOn(page)).to, slowly).toBeGreaterThan(801)
      expect(await headOn(page)).toBe("801")
      await page.keyboard.press("-")
      await expect.poll(() => lengthOn(page), slowly).toBe(408)
      await page.keyboard.press("0")
      await expect.poll(() => lengthOn(page), slowly).toBe(1630)
    }))

  it("is zoomed by two fingers, which leave the playhead alone, and followed by one", () =>
    look(async (page) => {
      const session = await page.context().newCDPSession(page)
      await session.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 2 })
      const touch = async (
        type: "touchStart" | "touchMove" | "touchEnd",
        shares: ReadonlyArray<number>,
      ) => {
        const { x, y, width } = await stripOf(page)
        const touchPoints = shares.map((share, id) => ({ x: x + share * width, y: y + 60, id }))
        await session.send("Input.dispatchTouchEvent", { type, touchPoints })
      }
      await touch("touchStart", [0.45])
      await touch("touchStart", [0.45, 0.55])
      await touch("touchMove", [0.3, 0.7])
      await expect.poll(() => lengthOn(page), slowly).toBeLessThan(500)
      await touch("touchEnd", [])
      const { from, to } = await shownOn(page)
      expect(Math.abs((from + to) / 2 - 815)).toBeLessThan(10)
      expect(await headOn(page)).toBe("800")
      await touch("touchStart", [0.75])
      await touch("touchMove", [0.8])
      await touch("touchEnd", [])
      const place = Math.round(from + 0.8 * (to - from))
      await expect
        .poll(async () => Math.abs(Number(await headOn(page)) - place), slowly)
        .toBeLessThan(5)
      await page.getByRole("button", { name: /^Zoomed to/ }).click()
      await expect.poll(() => lengthOn(page), slowly).toBe(1630)
    }, 390))
})
