import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import * as Machine from "@onymous/tidy/testing/Machine"

const bundles = resolve(Machine.home, "node_modules", "posthog-js", "dist")

/** A web site that has posthog-js on its first page, and nothing on its second. */
export interface Shop {
  readonly url: string
  readonly close: () => Promise<void>
}

/** A page that loads a bundle of posthog-js from its own site and starts it. */
export const bundled = (token: string, config: Readonly<Record<string, unknown>>): string =>
  `<script src="/posthog.js"></script>
    <script>posthog.init(${JSON.stringify(token)}, ${JSON.stringify(config)})</script>`

/** Opens a site with scripts on its first page, and a bundle of posthog-js beside it. */
export const open = async (scripts: string, bundle = "array.js"): Promise<Shop> => {
  const html = `<!doctype html><title>Shop</title><body>
    ${scripts}`
  const script = readFileSync(resolve(bundles, bundle))
  const server = createServer(({ url = "/" }, response) => {
    const [path] = url.split("?")
    if (path === "/") response.setHeader("content-type", "text/html").end(html)
    else if (path === "/posthog.js") {
      response.setHeader("content-type", "text/javascript").end(script)
    } else response.setHeader("content-type", "text/html").end("<!doctype html><title>Exit</title>")
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { url: `http://localhost:${isListening(address) ? address.port : 0}`, close }
}

const isListening = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === "object" && address !== null

/** The Chromium of this machine. */
export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox"] })

/** What went wrong on a page, and what it asked of a server. */
export interface Watched {
  readonly complaints: ReadonlyArray<string>
  readonly requests: ReadonlyArray<URL>
  /** The addresses of the beacons that a page sent when it closed; the next page can read them. */
  readonly beacons: () => Promise<ReadonlyArray<string>>
  /** From here on the browser may abort requests. */
  readonly leaving: () => void
}

/** Playwright does not tell of beacons: the page itself writes them down. */
const noteBeacons = `
  const send = navigator.sendBeacon.bind(navigator)
  navigator.sendBeacon = (url, body) => {
    const known = JSON.parse(localStorage.getItem("beacons") ?? "[]")
    localStorage.setItem("beacons", JSON.stringify([...known, String(url)]))
    return send(url, body)
  }
`

/** Collects the errors and requests of a page, as a developer would see them. */
export const watch = async (page: Page, server: string): Promise<Watched> => {
  const complaints: Array<string> = []
  const requests: Array<URL> = []
  let isLeaving = false
  await page.addInitScript(noteBeacons)
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`))
  page.on("console", (message) => {
    const text = message.text()
    if (message.type() === "error" || /retry/i.test(text)) complaints.push(text)
  })
  page.on("requestfailed", (request) => {
    if (!isLeaving) complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`)
  })
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  page.on("request", (request) => {
    if (request.url().startsWith(server)) requests.push(new URL(request.url()))
  })
  return {
    complaints,
    requests,
    beacons: async () => {
      const noted = await page.evaluate("localStorage.getItem('beacons') ?? '[]'")
      return JSON.parse(String(noted))
    },
    leaving: () => {
      isLeaving = true
    },
  }
}
