import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect } from "vitest"
import { ask, onymous, serve, setPolicy, token } from "./Serving.ts"

/** How often the test kills a server; `ONYMOUS_TEST_KILLS` sets another number. */
const cycles = Number(process.env["ONYMOUS_TEST_KILLS"] ?? 8)
const clients = 4

const batch = (uuids: ReadonlyArray<string>, cycle: number) => ({
  api_key: token,
  batch: uuids.map((uuid, index) => ({
    uuid,
    event: index % 3 === 0 ? "$identify" : "e",
    distinct_id: `user-${(cycle * 7 + index) % 40}`,
    properties: { $anon_distinct_id: `anon-${uuid.slice(0, 2)}`, $set: { cycle } },
  })),
})

/** Sends batch after batch until the server is gone; notes the events that were answered with 200. */
const client = async (url: string, cycle: number, accepted: Set<string>, onBatch: () => void) => {
  try {
    while (true) {
      const uuids = Array.from({ length: 20 }, () => randomUUID())
      const body = JSON.stringify(batch(uuids, cycle))
      const response = await fetch(`${url}/batch/`, { method: "POST", body })
      if (response.status !== 200) continue
      for (const uuid of uuids) accepted.add(uuid)
      onBatch()
    }
  } catch {
    // The server died in the middle of an answer, so nobody knows whether it took the batch.
  }
}

const killUnderLoad = async (location: ReadonlyArray<string>, accepted: Set<string>) => {
  for (let cycle = 0; cycle < cycles; cycle++) {
    const server = await serve(location)
    let batches = 0
    const enough = Promise.withResolvers<void>()
    const onBatch = () => {
      batches += 1
      if (batches > cycle % 7) enough.resolve()
    }
    const sending = Array.from({ length: clients }, () =>
      client(server.url, cycle, accepted, onBatch),
    )
    await enough.promise
    await server.kill()
    await Promise.all(sending)
  }
}

/** The status once no event waits any more: from then on the server appends no tick. */
export const settled = async (url: string) => {
  const waiting = async () => (await ask(url, "waiting?limit=1"))["results"]
  const { head } = await ask(url, "status")
  // A machine under load needs more than the ten seconds of one answer.
  const reached = () => ask(url, `status?min_position=${Number(head)}`)
  await expect.poll(reached, { timeout: 300_000, interval: 200 }).toBeDefined()
  await expect.poll(waiting, { timeout: 300_000, interval: 200 }).toEqual([])
  expect((await ask(url, "waiting?released=true"))["results"], "some had waited").not.toEqual([])
  return ask(url, "status")
}

/** kill -9 under load, again and again: nothing that was answered is lost, doubled or out of order. */
export const survivesKills = async (location: ReadonlyArray<string>): Promise<void> => {
  const accepted = new Set<string>()
  // A short window, so that kills hit a server whose events wait and are released.
  const first = await serve(location)
  await setPolicy(first.url, { buffer_window_seconds: 1 })
  await first.kill()
  await killUnderLoad(location, accepted)
  const server = await serve(location)
  const status = await settled(server.url)
  await server.kill()
  expect(accepted.size).toBeGreaterThan(cycles)
  await isWhole(location, accepted, status)
}

/** Accepted events are in the log, each once, without gaps, and the persons have the state hash of a replay. */
export const isWhole = async (
  location: ReadonlyArray<string>,
  accepted: ReadonlySet<string>,
  status: Record<string, unknown>,
): Promise<void> => {
  const exported = await onymous(["export", ...location])
  const uuids = exported.stdout
    .trim()
    .split("\n")
    .map((line) => String(JSON.parse(line).uuid))
  expect(uuids.length, "positions without gaps").toBe(status["head"])
  expect(new Set(uuids).size, "each once").toBe(uuids.length)
  expect(new Set(accepted).difference(new Set(uuids)).size, "accepted and lost").toBe(0)
  const directory = mkdtempSync(join(tmpdir(), "onymous-kill-"))
  const file = join(directory, "log.ndjson")
  writeFileSync(file, exported.stdout)
  const replayed = await onymous(["replay", file, "--json"])
  rmSync(directory, { recursive: true })
  expect(JSON.parse(replayed.stdout).state_hash).toBe(status["state_hash"])
}
