import { execFileSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import * as Machine from "@onymous/tidy/testing/Machine"
import { isWhole, settled } from "./KillContract.ts"
import { serve, setPolicy, token } from "./Serving.ts"

const prlimit = Machine.prlimit()

const clients = 4

const batch = (client: number) => ({
  api_key: token,
  batch: Array.from({ length: 20 }, (_, index) => ({
    uuid: randomUUID(),
    event: index % 3 === 0 ? "$identify" : "e",
    distinct_id: `user-${client}-${index % 2}`,
    properties: { $anon_distinct_id: `anon-${client}-${index}`, pad: "x".repeat(500) },
  })),
})

/** Sends each batch, with the same uuids, until the server takes it, and counts the answers of each status. */
class Senders {
  readonly accepted = new Set<string>()
  readonly #url: string
  #statuses = new Map<number, number>()
  #isOver = false
  readonly #working: ReadonlyArray<Promise<void>>

  constructor(url: string) {
    this.#url = url
    this.#working = Array.from({ length: clients }, (_, client) => this.#send(client))
  }

  async #send(client: number): Promise<void> {
    while (!this.#isOver) {
      const sent = batch(client)
      const body = JSON.stringify(sent)
      let status = 0
      while (status !== 200) {
        const answer = await fetch(`${this.#url}/batch/`, { method: "POST", body })
        await answer.text()
        status = answer.status
        this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
      }
      for (const { uuid } of sent.batch) this.accepted.add(uuid)
    }
  }

  /** Waits for `count` more answers of a status. */
  async answered(status: number, count: number): Promise<void> {
    const [before, most] = [this.#statuses.get(status) ?? 0, { timeout: 300_000, interval: 50 }]
    await expect
      .poll(() => (this.#statuses.get(status) ?? 0) - before, most)
      .toBeGreaterThanOrEqual(count)
  }

  async end(): Promise<ReadonlyArray<number>> {
    this.#isOver = true
    await Promise.all(this.#working)
    return [...this.#statuses.keys()]
  }
}

it.skipIf(prlimit === undefined)(
  "where its files may not grow, the embedded database's server lives and answers 503; it goes on once they may",
  { timeout: 1_200_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "onymous-room-"))
    const location = ["--data-dir", directory]
    const server = await serve(location)
    const allow = (most: string) =>
      execFileSync(prlimit ?? "", ["--pid", `${server.pid}`, `--fsize=${most}:unlimited`])
    await setPolicy(server.url, { buffer_window_seconds: 1 })
    const senders = new Senders(server.url)
    await senders.answered(200, 10)
    // Two megabytes: less than a WAL file of Postgres, and than the data that it writes at a restart.
    allow("2000000")
    await senders.answered(503, 40)
    allow("unlimited")
    await senders.answered(200, 10)
    const statuses = await senders.end()
    expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([])
    const status = await settled(server.url)
    expect(await server.stop(), "the server had lived").toBe(0)
    await isWhole(location, senders.accepted, status)
    rmSync(directory, { recursive: true })
  },
)
