import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { key, start, type StudioServer } from "./StudioServer.ts"
import { launch, type Looking, looking, seriousOn } from "./Visitor.ts"

const chromium = Machine.chromium()
const timeout = 600_000

/** Waits as long as a slow machine takes. */
const slowly = { timeout: 120_000 }

const mia = "/?id=mia%40fig.example&at=1184"

describe.skipIf(chromium === undefined)("the studio, on the demo world", { timeout }, () => {
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

  it("opens once by the link that the server told, and keeps no code in the address", async () => {
    const link = /http:\S+#code=\S+/.exec(server.told)?.[0] ?? ""
    const { pathname, hash } = new URL(link)
    await look(
      `${pathname}${hash}`,
      async (page) => {
        await page.getByText("No event has come yet.").waitFor()
        expect(new URL(page.url()).hash).toBe("")
        expect(await page.evaluate("localStorage.getItem('onymous.key')")).toMatch(/^ons_/)
      },
      { isIn: false },
    )
    await look(
      `${pathname}${hash}`,
      (page) => page.getByText("This link was used already").waitFor(),
      { isIn: false, expected: /status of 401/ },
    )
  })

  it("asks for a key, and opens with it", () =>
    look(
      "/",
      async (page) => {
        await page.getByLabel("Secret key").fill(key)
        await page.getByRole("button", { name: "Open" }).click()
        await page.getByText("No event has come yet.").waitFor()
        expect(await page.evaluate("localStorage.getItem('onymous.key')")).toBeNull()
      },
      { isIn: false },
    ))

  it("shows how to send a first event while the log is empty, and goes on by itself", () =>
    look("/", async (page) => {
      await page.getByText("No event has come yet.").waitFor()
      await page.getByRole("tab", { name: "posthog-node" }).click()
      await page.getByText('import { PostHog } from "posthog-node"').waitFor()
      await page.getByRole("button", { name: "Load the demo world" }).click()
      await page.getByRole("heading", { name: "Merges worth a look" }).waitFor()
      await page.getByText("Mia Okafor and Noah Lind became one").waitFor()
    }))

  it("finds an id, a position, and what somebody is called, by keys alone", () =>
    look("/", async (page) => {
      await page.getByRole("heading", { name: "Seen last" }).waitFor()
      await page.getByLabel("Find").waitFor()
      await page.keyboard.press("/")
      await page.keyboard.type("helga@fig.example")
      await page.getByRole("option", { name: /^helga@fig.example/ }).waitFor()
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { name: "Helga Brandt" }).waitFor()
      await page.keyboard.press("/")
      await page.keyboard.type("Yuki Mori")
      await page.getByRole("option", { name: /Yuki Mori/ }).waitFor()
      await page.keyboard.press("Escape")
      await page.keyboard.press("/")
      await page.keyboard.type("#1184")
      await page.getByRole("option", { name: /a position of the log/ }).waitFor()
      await page.keyboard.press("Enter")
      await page.getByText("Past · 446 events ago").waitFor()
    }))

  it("finds a value that somebody held before, at the moment from which on it held", () =>
    look("/", async (page) => {
      await page.getByLabel("Find").waitFor()
      await page.keyboard.press("/")
      await page.keyboard.type("Noah Lind")
      await page.getByRole("option", { name: /^noah@fig.example name until #1,184/ }).click()
      await page.getByRole("heading", { name: "Noah Lind" }).waitFor()
      await page.getByText(/Past\s·\s/).waitFor()
      expect(Number(new URL(page.url()).searchParams.get("at"))).toBeLessThan(1184)
    }))

  it("jumps to a time, and says so where a text names no moment", () =>
    look(
      "/",
      async (page) => {
        await page.getByRole("heading", { name: "Seen last" }).waitFor()
        await page.keyboard.press("j")
        await page.getByLabel(/A position, a time/).fill("tea time")
        await page.keyboard.press("Enter")
        await page.getByRole("alert").waitFor()
        const { results } = await server.ask("log?after=1183&limit=1")
        await page.getByLabel(/A position, a time/).fill(`${results[0]?.received_at}`)
        await page.keyboard.press("Enter")
        await page.getByText("Past · 446 events ago").waitFor()
        expect(new URL(page.url()).searchParams.get("at")).toBe("1184")
        // The browser reports the refused request.
      },
      { expected: /status of 400/ },
    ))

  it("moves the playhead by event, by change of the person, and to the ends, and asks for nobody", async () => {
    const { requests } = await look(mia, async (page) => {
      const slider = page.getByRole("slider", { name: "Position in the log" })
      const at = () => slider.getAttribute("aria-valuenow")
      await page.getByText("The weak link.").waitFor()
      await slider.press("ArrowLeft")
      expect(await at()).toBe("1183")
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Mia Okafor")
      await page.keyboard.press("]")
      expect(await at()).toBe("1184")
      await page.keyboard.press("[")
      expect(await at()).toBe("417")
      await slider.press("Home")
      expect(await at()).toBe("1")
      await slider.press("End")
      await page.getByText("Live", { exact: true }).waitFor()
      await page.getByRole("button", { name: "Back by one event" }).click()
      await page.getByText("Past · 1 event ago").waitFor()
      await page.keyboard.press("l")
      await page.getByText("Live", { exact: true }).waitFor()
      expect(new URL(page.url()).searchParams.has("at")).toBe(false)
    })
    // The page asks for the person's cone once, and once more at most, at the live end.
    const asked = requests.filter((url) => /\/(?:cone|persons|why|history|trace)\b/.test(url))
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it("plays the changes of a person, one by one, until it is live again", () =>
    look("/?id=omar%40fig.example&at=1", async (page) => {
      await page.getByRole("heading", { name: "How its ids came together" }).waitFor()
      for (const _ of [1, 2, 3]) await page.keyboard.press(".")
      await page.getByRole("button", { name: "Play" }).click()
      await page.getByText("Live", { exact: true }).waitFor()
      await page.getByRole("button", { name: "Play" }).waitFor()
    }))

  it("shows the same moment to whoever opens a copied link", () =>
    look(mia.replace("&at=1184", ""), async (page) => {
      await page.getByRole("heading", { name: "Mia Okafor" }).waitFor()
      await page.getByRole("button", { name: "Copy link" }).click()
      await page.getByRole("button", { name: "Copied" }).waitFor()
      const link = new URL(`${await page.evaluate("navigator.clipboard.readText()")}`)
      expect(link.searchParams.get("at")).toBe("1630")
      expect(link.searchParams.get("log")).toMatch(/^[0-9a-f]{8}$/)
      const tree = await page.locator("main").ariaSnapshot()
      await look(`${link.pathname}${link.search}`, async (other) => {
        await other.getByRole("heading", { name: "Mia Okafor" }).waitFor()
        await expect.poll(() => other.locator("main").ariaSnapshot(), slowly).toBe(tree)
      })
      await look(`/?log=00000000&id=mia%40fig.example`, async (other) => {
        await other.getByText("This link is about another log.").waitFor()
      })
    }))

  it("says what of an address means nothing here", () =>
    look("/?colour=red&id=mia%40fig.example", async (page) => {
      await page.getByText("means nothing here: colour").waitFor()
      await page.getByRole("heading", { name: "Mia Okafor" }).waitFor()
    }))

  it("tells by which event each property was set, what was lost, and goes there in a click", () =>
    look(mia, async (page) => {
      const row = page.getByRole("row", { name: /^name / })
      await expect.poll(() => row.textContent(), slowly).toContain("Noah Lind lost at #1,184")
      await row.getByRole("link", { name: "#177" }).click()
      await page.getByText("Past · 1,453 events ago").waitFor()
      await page.getByText(/^2 ids, identified since/).waitFor()
      await page.goBack()
      await page.getByText("Past · 446 events ago").waitFor()
    }))

  it("has ids, events, changes and sentences beside the drawing", () =>
    look(mia, async (page) => {
      await page.getByRole("tab", { name: "Ids 4" }).click()
      await page.getByRole("row", { name: /tablet-kitchen.*#417 \$identify/ }).waitFor()
      await page.getByRole("tab", { name: /^Events/ }).click()
      await page
        .getByRole("row", { name: /order placed.*Noah Lind/ })
        .first()
        .waitFor()
      await page.getByRole("tab", { name: /^Changes/ }).click()
      await page.getByText("+ noah@fig.example").waitFor()
      await page.getByRole("tab", { name: "As a list" }).click()
      await page.getByText(/tablet-kitchen took in noah@fig.example.*3 values gave way/).waitFor()
      expect(new URL(page.url()).searchParams.get("tab")).toBe("list")
    }))

  it("compares a moment with another", () =>
    look("/?id=mia%40fig.example&at=1184&vs=417&tab=changes", async (page) => {
      const compared = page.locator(".compared")
      await expect.poll(() => compared.textContent(), slowly).toContain("From #417 to #1,184")
      expect(await compared.textContent()).toContain("+ noah@fig.example")
    }))

  it("draws 218 ids in few lanes, and opens some of them", () =>
    look("/?id=helga%40fig.example", async (page) => {
      await page.getByText("218 ids in 3 lanes").waitFor()
      expect(await page.locator(".threads svg *").count()).toBeLessThan(300)
      await page.getByRole("button", { name: "Show 50 of them" }).click()
      await page.getByText("218 ids in 53 lanes").waitFor()
    }))

  it("tells why two are two: what was refused, since when, and what would make it pass", () =>
    look("/?id=tomas%40fig.example&with=lena%40fig.example", async (page) => {
      await page.getByRole("heading", { name: "Why not one person?" }).waitFor()
      await page.getByText("Three events asked to make them one, and each was refused.").waitFor()
      await page.getByText(/was identified already, since #429/).waitFor()
      await page.getByText("the same again").waitFor()
      await page.getByText("What would make it pass:").waitFor()
      await page.getByRole("button", { name: "What the rules saw" }).click()
      await page.getByText("refused_identified").waitFor()
    }))

  it("tells who took two apart, and why", () =>
    look("/?id=rosa%40fig.example&with=sam%40fig.example", async (page) => {
      await page.getByText("They were one, and were taken apart.").waitFor()
      await page.getByText(/leo split it: “neighbours”/).waitFor()
    }))

  it("says so where nobody was called like that yet", () =>
    look("/?id=mia%40fig.example&at=3", async (page) => {
      await page.getByText("Nobody was called mia@fig.example at #3.").waitFor()
      await page.getByRole("button", { name: "Look at the live end" }).click()
      await page.getByRole("heading", { name: "Mia Okafor" }).waitFor()
    }))

  it("has warnings by type, filters them, and leads to the moment and the persons", () =>
    look("/?view=warnings", async (page) => {
      await page.getByRole("heading", { name: "Warnings", level: 1 }).waitFor()
      await page.getByLabel("Type").selectOption({ label: "Illegal id" })
      await page.getByText("All 14 came within an hour").waitFor()
      await page.getByRole("rowheader", { name: /^web 14$/ }).waitFor()
      await page.getByLabel("Type").selectOption({ label: "All types" })
      await page.getByLabel("Library").selectOption("web")
      await page.getByRole("rowheader", { name: "web 14" }).waitFor()
      expect(new URL(page.url()).searchParams.get("lib")).toBe("web")
      await page.getByLabel("Library").selectOption({ label: "All libraries" })
      await page.getByLabel("Filter").fill("lena")
      await expect
        .poll(() => page.getByRole("row", { name: /lena@fig.example/ }).count(), slowly)
        .toBe(3)
      await page.getByRole("link", { name: "why" }).last().click()
      await page.getByText("Why not one person?").waitFor()
      expect(new URL(page.url()).searchParams.get("at")).toBe("440")
    }))

  it("has the status, verifies, and asks what another rule would have come to", () =>
    look("/?view=status", async (page) => {
      await page.getByRole("button", { name: "Verify" }).click()
      await page.getByText("What is stored is what the log comes to, up to #1,630.").waitFor()
      await page.getByLabel("A rule").selectOption("own_illegal_ids")
      await page.getByLabel("Its value").fill('["tablet-kitchen"]')
      await page.getByRole("button", { name: "What if" }).click()
      await page.getByText(/would be .* Nothing is written\./).waitFor()
      await page.getByRole("heading", { name: "With this rule" }).waitFor()
    }))

  it("shows whatever clients sent as text", () =>
    look("/?id=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E", async (page) => {
      await page.getByRole("heading", { name: "<img src=x onerror=alert(1)>" }).waitFor()
      await page.getByRole("button", { name: "Show all 100 kB" }).click()
      const value = page.getByRole("region", { name: "The whole value" })
      expect((await value.textContent())?.length).toBe(100_000)
      expect(await page.locator("main img").count()).toBe(0)
      await page.goto(`${server.url}/?id=${encodeURIComponent("שלום-🌿-\u202eabc")}`)
      await page.getByRole("heading", { name: "שלום-🌿-\\u202eabc" }).waitFor()
    }))

  it.each([
    { width: 1440, colorScheme: "light" },
    { width: 820, colorScheme: "dark" },
    { width: 390, colorScheme: "dark" },
  ] as const)(
    "reads well at $width, $colorScheme: nothing serious, nothing sideways",
    async (how) => {
      await look(
        "/",
        async (page) => {
          for (const [path, shown] of [
            ["/", "Merges worth a look"],
            [mia, "How its ids came together"],
            ["/?view=warnings", "Warnings"],
            ["/?view=status", "Verify"],
          ] as const) {
            await page.goto(`${server.url}${path}`)
            await page.getByRole("heading", { name: shown }).first().waitFor()
            expect({ path, found: await seriousOn(page) }).toEqual({ path, found: [] })
            const sideways = "document.documentElement.scrollWidth > innerWidth"
            expect({ path, sideways: await page.evaluate(sideways) }).toEqual({
              path,
              sideways: false,
            })
          }
        },
        how,
      )
    },
  )

  it("has the wrong merge found, explained, left out and retracted in four clicks", () =>
    look("/", async (page) => {
      await page.getByText("Find the wrong merge").waitFor()
      await page.getByRole("link", { name: "Look at #1,184" }).click()
      await page.getByText("The weak link.").waitFor()
      await page.getByText(/Three values of Noah Lind’s gave way: name, email and city/).waitFor()
      await page.locator(".weak").getByRole("button", { name: "Leave this out" }).click()
      await page.getByText(/2 persons and 6 events would be others/).waitFor()
      await page.getByRole("heading", { name: "Without #1,184" }).waitFor()
      await page.getByRole("button", { name: "Retract it…" }).click()
      await page.getByRole("button", { name: "Keep it" }).waitFor()
      await page.getByLabel("Who are you?").fill("ann")
      await page.getByLabel("Why?").fill("a shared tablet")
      await page.getByRole("button", { name: "Yes, retract #1,184" }).click()
      await page.getByText("is retracted since #1,631").waitFor()
      await page.getByText("They were one, and were taken apart.").waitFor()
      await page.getByText(/ann retracted .* “a shared tablet”/).waitFor()
      await page.getByText(/^3 ids, identified since/).waitFor()
      await page.getByRole("button", { name: "Have it back" }).click()
      await page.getByText(/^4 ids, identified since/).waitFor()
    }))

  it("goes on by itself while it is live, and counts what comes while somebody looks back", async () => {
    await look("/", async (page) => {
      await page.getByText("#1,632", { exact: true }).waitFor()
      await look(mia, async (other) => {
        await other.getByText("The weak link.").waitFor()
        await server.capture("mia-phone", "came back")
        await page.getByText("#1,633", { exact: true }).first().waitFor()
        await other.getByText("1 event has come since. The page stays at #1,184.").waitFor()
      })
    })
  })

  it("lets a colleague look by a link of their own, and not act", () =>
    look("/?view=status", async (page) => {
      await page.getByRole("button", { name: "Make a link" }).click()
      const link = new URL(`${await page.locator("code", { hasText: "#code=" }).textContent()}`)
      const theirs = `${link.pathname}${link.hash}`
      await look(
        theirs,
        async (other) => {
          await other.getByRole("link", { name: "Look at #1,184" }).click()
          await other.locator(".weak").getByRole("button", { name: "Leave this out" }).click()
          await other.getByRole("heading", { name: "Without #1,184" }).waitFor()
          expect(await other.getByRole("button", { name: "Retract it…" }).count()).toBe(0)
        },
        { isIn: false },
      )
    }))

  it("has complained of nothing, and asked no other host", () => {
    expect(looks.complaints).toEqual([])
  })
})
