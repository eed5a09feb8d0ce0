// Takes the picture of the README: the wrong merge of the demo world, light beside dark. Plain JavaScript, run by
// `npm run picture` on a machine with Chromium.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const bin = join(root, "..", "cli", "bin", "onymous.cjs")
const key = "onk_a_key_for_a_picture_and_no_more"
const size = { width: 1440, height: 960 }

const found = () =>
  process.env.CHROMIUM_PATH ??
  ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) =>
      (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)),
    )
    .find((file) => existsSync(file))

const serve = (directory) =>
  new Promise((ready, failed) => {
    const flags = ["serve", "--port", "0", "--key", key, "--data-dir", directory]
    const child = spawn(process.execPath, [bin, ...flags], { stdio: ["ignore", "pipe", "pipe"] })
    let text = ""
    const read = (chunk) => {
      text += chunk
      const url = /Onymous is at (http:\S+),[^]*\/docs\n/.exec(text)?.[1]
      if (url !== undefined) ready({ url, child })
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.once("exit", (code) => failed(new Error(`The server ended with ${code}: ${text}`)))
  })

const loadDemo = async (url) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const body = JSON.stringify({ ends_at: "2026-11-27T17:30:00.000Z" })
  const answer = await fetch(`${url}/api/projects/1/demo`, { method: "POST", headers, body })
  if (!answer.ok) throw new Error(await answer.text())
  const { position } = await answer.json()
  await fetch(`${url}/api/projects/1/status?min_position=${position}`, { headers })
}

const look = async (browser, url, colorScheme) => {
  const context = await browser.newContext({ viewport: size, colorScheme })
  const page = await context.newPage()
  await page.addInitScript((secret) => sessionStorage.setItem("onymous.key", secret), key)
  await page.goto(`${url}/?id=mia%40fig.example&at=1184`)
  await page.getByText("The weak link.").waitFor()
  await page.getByText("not yet come").waitFor()
  await page.getByText("this person").waitFor()
  await page.evaluate("document.fonts.ready")
  return page
}

/** A picture as WebP, as small as it is sharp: the browser packs it. */
const packed = async (browser, png) => {
  const page = await (await browser.newContext()).newPage()
  const url = await page.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = document.createElement("canvas")
    canvas.width = image.width
    canvas.height = image.height
    canvas.getContext("2d").drawImage(image, 0, 0)
    return canvas.toDataURL("image/webp", 0.9)
  }, png.toString("base64"))
  return Buffer.from(url.split(",")[1], "base64")
}

const directory = mkdtempSync(join(tmpdir(), "onymous-picture-"))
const { url, child } = await serve(directory)
const browser = await chromium.launch({ executablePath: found(), args: ["--no-sandbox"] })
try {
  await loadDemo(url)
  for (const colorScheme of ["light", "dark"]) {
    const page = await look(browser, url, colorScheme)
    const picture = await packed(browser, await page.screenshot())
    writeFileSync(join(root, `studio-${colorScheme}.webp`), picture)
    console.log(`studio-${colorScheme}.webp: ${Math.round(picture.length / 1000)} kB`)
  }
} finally {
  await browser.close()
  child.kill()
  rmSync(directory, { recursive: true, force: true })
}
