import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Browser, chromium, type Page } from "playwright-core"
import { key } from "./StudioServer.ts"

/** The Chromium of this machine. */
export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox"] })

/** The settings of a visit. */
interface Look {
  readonly width?: number
  readonly colorScheme?: "light" | "dark"
  readonly forcedColors?: "active"
  readonly reducedMotion?: "reduce"
  /** The time on the browser's clock. */
  readonly now?: Date
  /** What the browser may complain of. */
  readonly expected?: RegExp
  /** False for a visitor who has not signed in. */
  readonly isIn?: boolean
}

/** A page, and what went wrong on it: errors, refusals of its policy, requests to other hosts. */
interface Visitor {
  readonly page: Page
  readonly complaints: ReadonlyArray<string>
  readonly requests: ReadonlyArray<string>
  readonly leave: () => Promise<void>
}

const widthByDefault = 1440

/** Opens a page of its own: no other page's memory, a fresh profile. */
export const visit = async (
  browser: Browser,
  address: string,
  { width = widthByDefault, colorScheme = "light", isIn = true, ...emulated }: Look = {},
): Promise<Visitor> => {
  const { forcedColors = "none", reducedMotion = "no-preference" } = emulated
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    forcedColors,
    reducedMotion,
    permissions: ["clipboard-read", "clipboard-write"],
  })
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  if (emulated.now !== undefined) await page.clock.setFixedTime(emulated.now)
  const complaints: Array<string> = []
  const requests: Array<string> = []
  const origin = new URL(address).origin
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`))
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text())
  })
  page.on("request", (request) => {
    const url = request.url()
    requests.push(url)
    if (!url.startsWith(origin) && !url.startsWith("data:")) complaints.push(`asked ${url}`)
  })
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
      console.error(`policy: ${effectiveDirective} refused ${blockedURI}`),
    ),
  )
  if (isIn) await page.addInitScript((secret) => sessionStorage.setItem("onymous.key", secret), key)
  await page.goto(address)
  return { page, complaints, requests, leave: () => context.close() }
}

/** Looks at addresses of a server, and keeps what went wrong on any of them. */
export interface Looking {
  readonly look: (path: string, see: (page: Page) => Promise<void>, how?: Look) => Promise<Visitor>
  readonly complaints: ReadonlyArray<string>
}

/** Looks at addresses of a server with a page of its own each. */
export const looking = (browser: Browser, url: string): Looking => {
  const complaints: Array<string> = []
  const look: Looking["look"] = async (path, see, how = {}) => {
    const visitor = await visit(browser, `${url}${path}`, how)
    await see(visitor.page)
    const surprising = visitor.complaints.filter((each) => how.expected?.test(each) !== true)
    complaints.push(...surprising.map((each) => `${path}: ${each}`))
    await visitor.leave()
    return visitor
  }
  return { look, complaints }
}

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8")

interface Found {
  readonly id: string
  readonly impact: string
  readonly html: string
}

/** What axe finds on a page that is serious, or worse. */
export const seriousOn = async (page: Page): Promise<ReadonlyArray<Found>> => {
  // axe bypasses the page's policy, which lets no text become code.
  const session = await page.context().newCDPSession(page)
  await session.send("Page.setBypassCSP", { enabled: true })
  const run = `${axe}; axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0].html })))`
  const { result } = await session.send("Runtime.evaluate", {
    expression: run,
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  return result.value
}
