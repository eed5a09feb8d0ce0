import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"
import { serve } from "./Serving.ts"

let directory = ""
let location: ReadonlyArray<string> = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "onymous-keys-"))
  location = ["--data-dir", join(directory, "data")]
  const file = join(directory, "log.ndjson")
  writeFileSync(file, JSON.stringify({ event: "e", distinct_id: "a", project: "imported" }))
  expect((await onymous(["import", file, ...location])).code).toBe(0)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const keys = (...words: ReadonlyArray<string>) =>
  onymous(["keys", ...words, "--project", "imported", ...location])

it("a project that was imported gets keys on request, each shown once and ended by its name", async () => {
  const none = await keys()
  expect(none).toMatchObject({ code: 0, stderr: "" })
  expect(none.stdout).toMatch(/public, for capture: {2}phc_[\w-]{43}\n\nIt has no secret key/)
  const made = await keys("make", "ann")
  expect(made.stdout).toMatch(/^Secret key ann of project imported.* {2}onk_[\w-]{43}\n$/)
  const [key = ""] = /onk_\S+/.exec(made.stdout) ?? []
  expect(await keys("make", "ann")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: "Project imported has a key ann: end it, or give the new one another name.\n",
  })
  const other = JSON.parse((await keys("make", "ben", "--json")).stdout)
  expect(other).toEqual({
    project: "imported",
    name: "ben",
    key: expect.stringMatching(/^onk_[\w-]{43}$/),
  })
  const server = await serve(location)
  const asked = async (secret: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await fetch(`${server.url}/api/projects/imported/status`, { headers })).status
  }
  expect([await asked(key), await asked(other.key), await asked("onk_no")]).toEqual([200, 200, 401])
  await server.stop()
  expect((await keys("end", "ann")).stdout).toContain("opens nothing any more")
  expect(await keys("end", "ann")).toMatchObject({ code: 1, stdout: "" })
  const told = await keys("--json")
  expect(told.stdout).not.toContain(key)
  const time = expect.stringMatching(/^\d{4}-.*Z$/)
  expect(JSON.parse(told.stdout)).toEqual({
    project: "imported",
    token: expect.stringMatching(/^phc_/),
    keys: [
      { name: "ann", made_at: time, ended_at: time },
      { name: "ben", made_at: time, ended_at: null },
    ],
  })
}, 600_000)

it("what is no name of a key, or no project, is refused and makes nothing", async () => {
  const bad = await keys("make", "a b")
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringMatching(/^NAME: expected /) })
  const nobody = await onymous(["keys", "make", "ann", "--project", "nobody", ...location])
  expect(nobody).toMatchObject({ code: 3, stdout: "", stderr: "There is no project nobody.\n" })
})
