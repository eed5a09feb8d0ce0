import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"
import { serve, setPolicy, token } from "./Serving.ts"

let directory = ""

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-served-"))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

it("a command finds the server that has its directory, and what a killed one left is no server", async () => {
  const data = join(directory, "data")
  const file = join(data, "onymous.server.json")
  const place = ["--data-dir", data]
  const persons = ["persons", "--distinct-id", "ann", "--json", ...place]
  const server = await serve(place)
  // Nobody else on the machine may read the key.
  expect(statSync(file).mode & 0o777).toBe(0o600)
  // A waiting event would change the answers once it is released, so none may wait.
  await setPolicy(server.url, { buffer_enabled: false })
  const tail = onymous(["tail", "--after", "1", "--limit", "1", "--json", ...place])
  const batch = [{ event: "e", distinct_id: "ann" }]
  const sent = { method: "POST", body: JSON.stringify({ api_key: token, batch }) }
  expect((await fetch(`${server.url}/batch/`, sent)).status).toBe(200)
  const came = await tail
  expect(came).toMatchObject({ code: 0, stderr: "" })
  expect(JSON.parse(came.stdout)).toMatchObject({ position: 2, event: "e", distinct_id: "ann" })
  const asked = await onymous(persons)
  expect(asked).toMatchObject({ code: 0, stderr: "" })
  expect(JSON.parse(asked.stdout)).toMatchObject({ position: 2 })
  const projects = await onymous(["projects", "--json", ...place])
  expect(JSON.parse(projects.stdout).results).toMatchObject([{ project: "1", events: 2 }])
  const made = JSON.parse((await onymous(["keys", "make", "ann", "--json", ...place])).stdout)
  const { status } = await fetch(`${server.url}/api/projects/1/status`, {
    headers: { authorization: `Bearer ${made.key}` },
  })
  expect(status).toBe(200)
  const rebuilt = await onymous(["rebuild", "--verify-only", "--json", ...place])
  expect(rebuilt).toMatchObject({ code: 0, stderr: "" })
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ project: "1", position: 2, same: true })
  const log = join(directory, "log.ndjson")
  const exported = await onymous(["export", "--out", log, ...place])
  expect(exported).toMatchObject({ code: 0 })
  const known = await onymous(["import", log, "--json", ...place])
  expect(known).toMatchObject({ code: 0, stderr: "" })
  expect(JSON.parse(known.stdout)).toMatchObject({ lines: 2, added: 0, known: 2, bad: 0 })
  await server.kill()
  expect(existsSync(file)).toBe(true)
  expect(await onymous(persons)).toEqual(asked)
  const again = await serve(place)
  expect(await onymous(persons)).toEqual(asked)
  expect(await again.stop()).toBe(0)
  expect(existsSync(file)).toBe(false)
  expect(await onymous(persons)).toEqual(asked)
}, 600_000)
