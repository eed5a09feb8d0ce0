import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, beforeAll, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"
import { announced, bin, key, serve, started, stopped, token } from "./Serving.ts"

let directory = ""

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-serve-"))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const refused = async (...flags: ReadonlyArray<string>) => {
  const data = join(directory, "refused")
  const { code, stdout, stderr } = await onymous(["serve", "--data-dir", data, ...flags])
  expect({ code, stdout, isMade: existsSync(data) }).toEqual({ code: 2, stdout: "", isMade: false })
  return stderr
}

it("a secret key is not taken for the public token, nor one text for both", async () => {
  expect(await refused("--token", "same", "--key", "same")).toBe(
    "--key: expected another text than the token, which is public\n",
  )
  for (const secret of ["phx_1", "onk_1"]) {
    expect(await refused("--token", secret)).toBe(
      "--token: expected a public token: phx_… and onk_… are secret keys\n",
    )
  }
})

it("what would let anybody in is not taken for a key", async () => {
  for (const flag of ["--token", "--key", "--operator-key", "--metrics-key"]) {
    expect(await refused(flag, "")).toMatch(new RegExp(`^${flag}: expected `))
  }
  expect(await refused("--operator-key", "phc_1")).toMatch(/^--operator-key: expected a secret/)
})

it("a key that could be guessed is not taken", async () => {
  for (const flag of ["--key", "--operator-key", "--metrics-key"]) {
    const expected = "at least 32 printable ASCII characters without spaces"
    expect(await refused(flag, "x".repeat(31))).toBe(`${flag}: expected ${expected}\n`)
  }
})

const sesame = "open-sesame-said-the-eldest-of-forty"

it("the operator's key opens every project, and is not shown", async () => {
  const server = await serve(
    ["--data-dir", join(directory, "operated")],
    ["--operator-key", sesame],
  )
  const rebuilt = (secret: string) =>
    fetch(`${server.url}/api/rebuild`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
    })
  const [opened, closed] = [await rebuilt(sesame), await rebuilt("onk_another")]
  expect([opened.status, closed.status]).toEqual([200, 401])
  expect(await opened.text()).toContain('"project":"1"')
  expect(server.told).not.toContain(sesame)
  await server.kill()
}, 600_000)

it("a server that only its machine reaches is asked by the names that are allowed", async () => {
  const names = ["--allowed-hosts", "shop.example, .inner.example", "--keep-alive", "9"]
  const server = await serve(["--data-dir", join(directory, "named"), ...names])
  const asked = async (host: string) => {
    const answered = once(get(server.url, { headers: { host } }), "response")
    const [{ statusCode }] = await answered
    return statusCode
  }
  expect(await asked("shop.example:8000")).toBe(200)
  expect(await asked("a.inner.example")).toBe(200)
  expect(await asked("evil.example")).toBe(403)
  await server.kill()
}, 600_000)

it("a key that was made is shown once, one that was given is not shown", async () => {
  const location = ["--data-dir", join(directory, "shown")]
  const told = async (...keys: ReadonlyArray<string>) => {
    const server = await serve(location, keys)
    await server.kill()
    return server.told
  }
  expect(await told("--key", key)).not.toContain(key)
  expect(await told()).not.toMatch(/onk_/)
  const other = ["--data-dir", join(directory, "made")]
  const made = await serve(other, [])
  await made.kill()
  expect(made.told).toMatch(/^Onymous is starting …\n/)
  expect(made.told).toMatch(/shown this once: {2}onk_[\w-]{43}\n/)
}, 600_000)

it("what npm started through a shell ends with that, in good order", async () => {
  const data = join(directory, "orphaned")
  const command = `"${process.execPath}" "${bin}" serve --port 0 --data-dir "${data}"; true`
  const shell = spawn("sh", ["-c", command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, npm_command: "exec" },
  })
  const { url } = await announced(shell)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  const closed = once(shell, "close")
  shell.kill("SIGKILL")
  // The shell's pipes close once the server, which has them, too, has ended.
  await closed
  await expect(fetch(`${url}/health`)).rejects.toThrow()
  const again = await serve(["--data-dir", data])
  await again.stop()
}, 600_000)

it("what goes on until it is told to end is done then; what is ended half-way is not", async () => {
  const data = join(directory, "ended")
  const location = ["--data-dir", data]
  // Standard input does not end, so the import goes on until the test stops it.
  const importing = started(["import", "-", ...location])
  while (!existsSync(data)) await setTimeout(50)
  expect(await stopped(importing)).toBe(3)
  const server = await serve(location)
  const batch = [{ event: "e", distinct_id: "a" }]
  const sent = { method: "POST", body: JSON.stringify({ api_key: token, batch }) }
  expect((await fetch(`${server.url}/batch/`, sent)).status).toBe(200)
  expect(await server.stop()).toBe(0)
  const tail = started(["tail", "--after", "0", ...location])
  await once(tail.stdout, "data")
  expect(await stopped(tail)).toBe(0)
}, 600_000)
