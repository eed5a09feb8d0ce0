import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"
import { ask, serve } from "./Serving.ts"

let directory = ""

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-demo-"))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The position of the wrong merge, from the link to it. */
const named = (url: string) => Number(new URL(url, "http://onymous").searchParams.get("at"))

it("without a server the demo goes into the database, once", async () => {
  const place = ["--data-dir", join(directory, "alone")]
  const loaded = await onymous(["demo", "--json", ...place])
  expect(loaded).toMatchObject({ code: 0, stderr: "" })
  const { wrong_merge, ...told } = JSON.parse(loaded.stdout)
  expect(told).toEqual({ project: "1", events: 1630, position: 1630, page: null })
  const undo = ["why", "tablet-kitchen", "noah@fig.example", "--undo", "--json"]
  const { events } = JSON.parse((await onymous([...undo, ...place])).stdout)
  expect(events).toMatchObject([{ position: named(wrong_merge) }])
  expect(await onymous(["demo", ...place])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: "--project: expected a project whose log is empty: this one has 1630 events\n",
  })
}, 600_000)

it("a server that runs on the directory takes the demo, and gets a link that signs in once", async () => {
  const place = ["--data-dir", join(directory, "served")]
  const server = await serve(place)
  const loaded = await onymous(["demo", ...place])
  expect(loaded).toMatchObject({ code: 0, stderr: "" })
  expect(loaded.stdout).toMatch(/^A small shop's week is in the log of project 1: 1630 events,/)
  const code = /works once: {2}(\S+)\/#code=(\S+)\n/.exec(loaded.stdout)
  expect(code?.[1]).toBe(server.url)
  const signIn = () =>
    fetch(`${server.url}/studio/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: code?.[2] }),
    })
  expect([(await signIn()).status, (await signIn()).status]).toEqual([200, 401])
  const wrong = /once signed in: {2}(\S+)\n/.exec(loaded.stdout)?.[1] ?? ""
  const { results } = await ask(server.url, `log?after=${named(wrong) - 1}&limit=1`)
  expect(results).toMatchObject([{ event: "$create_alias", source: "noah@fig.example" }])
  expect(await onymous(["demo", ...place])).toMatchObject({ code: 1, stdout: "" })
  await server.kill()
}, 600_000)
