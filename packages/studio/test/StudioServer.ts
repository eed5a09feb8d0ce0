import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Machine from "@onymous/tidy/testing/Machine"
import * as PgliteTemplate from "@onymous/tidy/testing/PgliteTemplate"

const bin = join(Machine.home, "packages", "cli", "bin", "onymous.cjs")

const token = "phc_test"

export const key = "onk_test_that_nobody_ever_guesses"

/** A person, as the API answers it. */
interface PersonAnswer {
  readonly person_id: string
  readonly distinct_ids: ReadonlyArray<string>
  readonly properties: Readonly<Record<string, unknown>>
}

/** An event as a client sends it. */
export interface Sent {
  readonly event: string
  readonly distinct_id: string
  readonly properties?: object
  readonly uuid?: string
}

/** A server of its own with an empty log, and the page that set-up has built. */
export interface StudioServer {
  readonly url: string
  readonly told: string
  /** What the API answers: its form is what the test expects of it. */
  readonly ask: (
    path: string,
  ) => Promise<{ readonly results: ReadonlyArray<{ readonly received_at: string }> }>
  /** The person of an id; undefined where nobody is called so. */
  readonly person: (distinctId: string) => Promise<PersonAnswer | undefined>
  /** Sends an event, as a client does. */
  readonly capture: (distinctId: string, event: string) => Promise<void>
  /** Sends events in one request, as a client does, and waits until persons have reached them. */
  readonly send: (events: ReadonlyArray<Sent>) => Promise<void>
  /** Posts to the API, and waits until the persons have caught up. */
  readonly post: (
    path: string,
    body: object,
    method?: "PATCH",
  ) => Promise<Readonly<Record<string, unknown>>>
  /** Derives persons anew from the log, and answers with the last line of the rebuild. */
  readonly rebuild: () => Promise<Readonly<Record<string, unknown>>>
  /** Loads the demo world into the empty log. */
  readonly loadDemo: () => Promise<void>
  /** Ends the server as an operator does: its data stays, and the server that `again` starts has its address. */
  readonly stop: () => Promise<void>
  readonly again: () => Promise<StudioServer>
  readonly close: () => Promise<void>
}

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
  if (!isAddress(data)) PgliteTemplate.fill(data)
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
  const close = async () => {
    await end(child, "SIGKILL")
    if (!isAddress(data)) rmSync(data, { recursive: true, force: true })
  }
  const again = () => startAt({ data, port: Number(new URL(url).port) })
  return { url, told, ...callsOf(url), stop: () => end(child, "SIGTERM"), again, close }
}

const end = async (child: ChildProcess, signal: "SIGTERM" | "SIGKILL") => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill(signal)
  await gone
}

const callsOf = (url: string) => {
  const headers = { "content-type": "application/json" }
  const signed = { ...headers, authorization: `Bearer ${key}` }
  /** The last line of an answer, as JSON: most have but one. */
  const asked = async (path: string, init: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return JSON.parse(text.trim().split("\n").at(-1) ?? "")
  }
  const ask = (path: string) => asked(`/api/projects/1/${path}`, { headers: signed })
  /** Waits until persons have reached the end of the log: a busy machine takes longer than the server waits. */
  const settled = async (): Promise<void> => {
    const { head } = await ask("status")
    const path = `${url}/api/projects/1/status?min_position=${head}`
    while ((await fetch(path, { headers: signed })).status === 503);
  }
  const send = async (batch: ReadonlyArray<Sent>) => {
    const body = JSON.stringify({ api_key: token, batch })
    await asked("/batch/", { method: "POST", headers, body })
    await settled()
  }
  const post = async (path: string, body: object, method: "POST" | "PATCH" = "POST") => {
    const init = { method, headers: signed, body: JSON.stringify(body) }
    const answer = await asked(`/api/projects/1/${path}`, init)
    await settled()
    return answer
  }
  return {
    ask,
    send,
    post,
    rebuild: () => asked("/api/projects/1/rebuild", { method: "POST", headers: signed }),
    person: async (distinctId: string): Promise<PersonAnswer | undefined> => {
      const { results } = await ask(`persons?distinct_id=${encodeURIComponent(distinctId)}`)
      return results[0]
    },
    capture: (distinctId: string, event: string) =>
      send([{ event, distinct_id: distinctId, properties: { $device_id: distinctId } }]),
    loadDemo: async () => {
      await fetch(`${url}/api/projects/1/demo`, { method: "POST", headers: signed, body: "{}" })
      await settled()
    },
  }
}
