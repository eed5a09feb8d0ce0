import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Machine from "@onymous/tidy/testing/Machine"

const bin = join(Machine.home, "packages", "cli", "bin", "onymous.cjs")

const token = "phc_test"

export const key = "onk_test_that_nobody_ever_guesses"

/** A server of its own with an empty log, and the page that set-up has built. */
export interface StudioServer {
  readonly url: string
  readonly told: string
  /** What the API answers: its form is what the test expects of it. */
  readonly ask: (
    path: string,
  ) => Promise<{ readonly results: ReadonlyArray<{ readonly received_at: string }> }>
  /** Sends an event, as a client does. */
  readonly capture: (distinctId: string, event: string) => Promise<void>
  /** Loads the demo world into the empty log. */
  readonly loadDemo: () => Promise<void>
  /** Ends it as an operator does: what it keeps stays, and the server that `again` starts has the same address. */
  readonly stop: () => Promise<void>
  readonly again: () => Promise<StudioServer>
  readonly close: () => Promise<void>
}

/** How often it is looked whether the persons are there: each look waits for ten seconds. */
const looksMax = 30

/** Where a server keeps its log, and listens. */
interface Place {
  /** A directory, or the address of a database. */
  readonly data: string
  readonly port: number
}

const isAddress = (data: string): boolean => data.startsWith("postgres")

/** Starts a server on a directory of its own, or on a database, and waits until it says where it is. */
export const start = (database?: string): Promise<StudioServer> =>
  startAt({ data: database ?? mkdtempSync(join(tmpdir(), "onymous-studio-")), port: 0 })

const startAt = async ({ data, port }: Place): Promise<StudioServer> => {
  const flags = ["serve", "--port", `${port}`, "--token", token, "--key", key]
  const place = isAddress(data) ? [] : ["--data-dir", data]
  const child = spawn(process.execPath, [bin, ...flags, ...place], {
    stdio: ["ignore", "pipe", "pipe"],
    // Everybody can read arguments, and an address may hold a password.
    env: { ...process.env, ...(isAddress(data) && { ONYMOUS_DATABASE_URL: data }) },
  })
  const { url, told } = await new Promise<{ url: string; told: string }>((found, failed) => {
    let text = ""
    const read = (chunk: Buffer) => {
      text += chunk
      const at = /Onymous is at (http:\S+),[^]*\/docs\n/.exec(text)?.[1]
      if (at !== undefined) found({ url: at, told: text })
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.once("exit", (code) => failed(new Error(`The server ended with ${code}: ${text}`)))
  })
  const ask = async (path: string) => {
    const answer = await fetch(`${url}/api/projects/1/${path}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const capture = async (distinctId: string, event: string) => {
    const body = JSON.stringify({
      api_key: token,
      batch: [{ event, distinct_id: distinctId, properties: { $device_id: distinctId } }],
    })
    const headers = { "content-type": "application/json" }
    const answer = await fetch(`${url}/batch/`, { method: "POST", headers, body })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  }
  const loadDemo = async () => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    const address = `${url}/api/projects/1/demo`
    const answer = await fetch(address, { method: "POST", headers, body: "{}" })
    const text = await answer.text()
    if (answer.ok) return
    // On a busy machine the persons take longer than the request waits for them: each look waits again.
    const position = /"position":(\d+)/.exec(text)?.[1]
    if (position === undefined) throw new Error(`${answer.status} ${text}`)
    for (let looks = 0; looks < looksMax; looks++) {
      const status = `${url}/api/projects/1/status?min_position=${position}`
      if ((await fetch(status, { headers })).ok) return
    }
    throw new Error(text)
  }
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, "exit")
    child.kill(signal)
    await gone
  }
  const close = async () => {
    await end("SIGKILL")
    if (!isAddress(data)) rmSync(data, { recursive: true, force: true })
  }
  const again = () => startAt({ data, port: Number(new URL(url).port) })
  return { url, told, ask, capture, loadDemo, stop: () => end("SIGTERM"), again, close }
}
