import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import * as PgliteTemplate from "@onymous/tidy/testing/PgliteTemplate"

/** The command as its sources have it. */
export const sources = resolve(import.meta.dirname, "../src/main.ts")

/** The command that was built, as it is installed; the tests' set-up builds it. */
export const bin = resolve(import.meta.dirname, "../bin/onymous.cjs")

/** A server in a process of its own, as an operator starts it. */
export interface Serving {
  readonly url: string
  /** The server's output until it was there. */
  readonly told: string
  readonly pid: number | undefined
  readonly kill: () => Promise<void>
  /** Tells the server to end, and answers with its exit code. */
  readonly stop: () => Promise<number | undefined>
}

export const token = "phc_test"
export const key = "onk_test_that_nobody_ever_guesses"

/** The URL and the words with which a server tells where it is. */
export const announced = (child: ChildProcess): Promise<Pick<Serving, "url" | "told">> =>
  new Promise((found, failed) => {
    let text = ""
    const read = (chunk: Buffer) => {
      text += chunk
      const url = /Onymous is at (http:\S+),[^]*\/docs\n/.exec(text)?.[1]
      if (url !== undefined) found({ url, told: text })
    }
    child.stdout?.on("data", read)
    child.stderr?.on("data", read)
    child.once("exit", (code) => failed(new Error(`The server ended with ${code}: ${text}`)))
  })

/** Starts a server and waits until it tells where it is; `kill` gives it no chance to clean up. */
export const serve = async (
  location: ReadonlyArray<string>,
  keys: ReadonlyArray<string> = ["--token", token, "--key", key],
  command = bin,
): Promise<Serving> => {
  const [flag, directory] = location
  if (flag === "--data-dir" && directory !== undefined) PgliteTemplate.fill(directory)
  const flags = ["serve", "--port", "0", ...keys, ...location]
  const child = spawn(process.execPath, [command, ...flags], { stdio: ["ignore", "pipe", "pipe"] })
  const announcement = await announced(child)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
  }
  return { ...announcement, pid: child.pid, kill, stop: () => stopped(child) }
}

/** Ends a command by SIGTERM, as an operator does; answers with its exit code, or none where the signal killed it. */
export const stopped = async (child: ChildProcess): Promise<number | undefined> => {
  const gone = once(child, "exit")
  child.kill("SIGTERM")
  const [code] = await gone
  return code ?? undefined
}

/** Starts a command with nobody at its terminal. */
export const started = (flags: ReadonlyArray<string>, command = bin) =>
  spawn(process.execPath, [command, ...flags])

/** Runs a command to its end. */
export const onymous = async (
  flags: ReadonlyArray<string>,
  command = bin,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> => {
  const child = spawn(process.execPath, [command, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  })
  let [stdout, stderr] = ["", ""]
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk))
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk))
  const [code] = await once(child, "close")
  return { code: Number(code), stdout, stderr }
}

/** Asks the API with the secret key. */
export const ask = async (url: string, question: string): Promise<Record<string, unknown>> => {
  const response = await fetch(`${url}/api/projects/1/${question}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(`${question}: ${response.status} ${JSON.stringify(body)}`)
  return typeof body === "object" && body !== null ? { ...body } : {}
}

/** Changes the rules of project 1 from here on, and waits until they hold. */
export const setPolicy = async (url: string, change: object): Promise<void> => {
  const response = await fetch(`${url}/api/projects/1/policy`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(change),
  })
  const body: unknown = await response.json()
  if (typeof body !== "object" || body === null || !("position" in body)) {
    throw new Error(`policy: ${response.status} ${JSON.stringify(body)}`)
  }
  await ask(url, `status?min_position=${Number(body.position)}`)
}
