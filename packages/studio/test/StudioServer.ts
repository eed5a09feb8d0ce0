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
  readonly close: () => Promise<void>
}

/** Starts a server on a directory of its own, and waits until it says where it is. */
export const start = async (): Promise<StudioServer> => {
  const directory = mkdtempSync(join(tmpdir(), "onymous-studio-"))
  const flags = ["serve", "--port", "0", "--token", token, "--key", key]
  const child = spawn(process.execPath, [bin, ...flags, "--data-dir", directory], {
    stdio: ["ignore", "pipe", "pipe"],
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
  const close = async () => {
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
    rmSync(directory, { recursive: true, force: true })
  }
  return { url, told, ask, capture, close }
}
