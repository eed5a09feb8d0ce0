import { Effect } from "effect"
import { type Browser, chromium, type Page } from "playwright-core"
import * as Machine from "@onymous/tidy/testing/Machine"
import type { Server } from "../load/ServerProcess.ts"
import { percentile } from "../load/Scenario.ts"

/** Steps of the playhead, each to another place of the strip. */
const steps = 100

/** Steps that compile the code behind them. */
const warmSteps = 20

/** Patience with a browser on a busy machine, in milliseconds. */
const patience = 120_000

/**
 * Notes when the pointer moves, and how long it takes until the person is painted as of the new moment: its title
 * names the moment last.
 */
const watching = `
  window.noted = []
  let movedAt
  addEventListener("pointermove", ({ timeStamp }) => { movedAt = timeStamp }, { capture: true })
  new MutationObserver(() => {
    const began = movedAt
    if (began === undefined) return
    movedAt = undefined
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => window.noted.push(performance.now() - began)
      port2.postMessage(undefined)
    })
  }).observe(document.querySelector("title"), { childList: true, characterData: true, subtree: true })`

const launch = (executablePath: string) =>
  Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath, args: ["--no-sandbox"] })),
    (browser) => Effect.promise(() => browser.close()),
  )

/** Opens the page of a person, in the past, and returns once it is drawn. */
const open = async (browser: Browser, server: Server, id: string, at: number): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, bypassCSP: true })
  page.setDefaultTimeout(patience)
  await page.addInitScript((key) => sessionStorage.setItem("onymous.key", key), server.key)
  await page.goto(`${server.url}/?id=${encodeURIComponent(id)}&at=${at}`)
  await page.getByRole("heading", { name: "How its ids came together" }).waitFor()
  await page.locator(".moment [aria-current]").waitFor()
  return page
}

/** Drags the playhead over the strip, each step after the one before was painted. */
const drag = async (page: Page, count: number): Promise<ReadonlyArray<number>> => {
  const box = await page.locator(".strip canvas").boundingBox()
  if (box === null) throw new Error("The page has no strip.")
  await page.evaluate(watching)
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * 0.95, y)
  await page.mouse.down()
  for (let step = 1; step <= count; step++) {
    await page.mouse.move(box.x + box.width * (0.95 - (0.9 * step) / count), y)
    await page.waitForFunction(`window.noted.length >= ${step}`, undefined, { polling: 20 })
  }
  const noted: ReadonlyArray<number> = await page.evaluate("window.noted")
  return noted.slice(-count)
}

/** Tells for how long the page's own thread has worked, in milliseconds, whatever else the machine does. */
const workOf = async (page: Page) => {
  const session = await page.context().newCDPSession(page)
  await session.send("Performance.enable", { timeDomain: "threadTicks" })
  return async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics")
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000
  }
}

/** How long steps of the playhead take on the page of a person, and what they ask of the server. */
export const measure = Effect.fnUntraced(function* (server: Server, id: string, at: number) {
  const executable = Machine.chromium()
  if (executable === undefined) return undefined
  const browser = yield* launch(executable)
  return yield* Effect.promise(async () => {
    const begun = performance.now()
    const page = await open(browser, server, id, at)
    const opened = performance.now() - begun
    await drag(page, warmSteps)
    await page.mouse.up()
    await page.locator(".moment [aria-current]").waitFor()
    let asked = 0
    page.on("request", (request) => {
      if (/\/(?:cone|persons|why|history|trace)\b/.test(request.url())) asked += 1
    })
    const worked = await workOf(page)
    const before = await worked()
    const times = await drag(page, steps)
    const work = (await worked()) - before
    return {
      open_ms: opened,
      step_p50_ms: percentile(times, 0.5),
      step_p95_ms: percentile(times, 0.95),
      step_worked_ms: work / steps,
      step_requests: asked,
    }
  })
})
