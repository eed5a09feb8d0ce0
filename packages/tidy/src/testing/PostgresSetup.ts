import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import * as Machine from "./Machine.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /**
     * The URL of a Postgres in which the tests may create databases; empty where the machine has
     * none.
     */
    postgresUrl: string
  }
}

/** Gives the tests a Postgres: the one that the environment names, or a throw-away one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const named = Machine.namedPostgres()
  const binaries = Machine.postgresBinaries()
  const missing = Machine.missing(Machine.suites())
  if (process.env["CI"] === "true" && missing.length > 0) {
    throw new Error(["In CI every test has to run.", ...missing].join("\n"))
  }
  if (named !== undefined || binaries === undefined) {
    project.provide("postgresUrl", named ?? "")
    return async () => {}
  }
  const { url, stop } = await start(binaries)
  project.provide("postgresUrl", url)
  return stop
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/** Postgres refuses to run as root, so under root it runs as its own user, or as nobody. */
const owner = (): Owner => {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) =>
    Number(spawnSync("id", [flag, "postgres"]).stdout.toString().trim() || 65_534)
  return { uid: id("-u"), gid: id("-g") }
}

/** A folder that the owner can reach; root's own temporary folder may be closed to it. */
const makeDirectory = (user: Owner): string => {
  const parent = user.uid !== undefined && existsSync("/tmp") ? "/tmp" : tmpdir()
  const directory = mkdtempSync(join(parent, "onymous-postgres-"))
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid)
  return directory
}

// The shell stops the server when its input ends, so that no server outlives the tests, however
// they end.
const keeper = `
  directory=$1 binaries=$2 port=$3
  {
    "$binaries/postgres" -D "$directory/data" -p "$port" -h 127.0.0.1 -k "$directory" \\
      -c max_connections=200 -c fsync=off
    echo "The server has ended." >&2
  } &
  cat >/dev/null
  "$binaries/pg_ctl" -D "$directory/data" -m immediate stop >/dev/null 2>&1
  wait
  cd / && rm -rf "$directory"
`

const start = async (binaries: string) => {
  const user = owner()
  const directory = makeDirectory(user)
  const environment = { ...user, cwd: directory, env: { ...process.env, LC_ALL: "C" } }
  const initialised = spawnSync(
    join(binaries, "initdb"),
    ["-D", join(directory, "data"), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"],
    environment,
  )
  if (initialised.status !== 0) {
    rmSync(directory, { recursive: true, force: true })
    throw new Error(`initdb failed: ${initialised.error ?? initialised.stderr}`)
  }
  const port = await freePort()
  const shell = spawn("sh", ["-c", keeper, "sh", directory, binaries, `${port}`], {
    ...environment,
    // The process has a group of its own, so that an interrupt from the keyboard reaches only the
    // tests, which then stop it.
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      shell.once("exit", () => resolve())
      shell.stdin.end()
    })
  await ready(shell).catch((error) => stop().then(() => Promise.reject(error)))
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
}

const startTimeout = 60_000

const ready = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = ""
    const fail = () => reject(new Error(`Postgres did not start: ${log}`))
    const timer = setTimeout(fail, startTimeout)
    server.once("error", reject)
    server.stderr?.on("data", (chunk) => {
      // Reading goes on after the start, because a full pipe would stop the server.
      log = `${log}${chunk}`.slice(-10_000)
      if (log.includes("ready to accept connections")) resolve()
      if (log.includes("The server has ended.")) fail()
      if (log.includes("accept connections") || log.includes("has ended")) clearTimeout(timer)
    })
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(address),
      )
    })
  })
