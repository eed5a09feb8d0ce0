import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Effect, Exit, Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import * as ExampleRun from "./ExampleRun.ts"
import * as InstalledPackages from "./InstalledPackages.ts"
import * as Trial from "./Trial.ts"
import * as Publishing from "../src/Publishing.ts"
import { home } from "../src/WorkspacePackage.ts"

const postgresUrl = inject("postgresUrl")

let trial: Trial.Trial
const scope = Effect.runSync(Scope.make())
const database = () => Effect.runPromise(Scope.provide(TestDatabase.fresh(postgresUrl), scope))

const inTrial = (command: string, words: ReadonlyArray<string>) =>
  Trial.run(trial.folder, command, words)

/** Runs `act` while the embedded database is not installed. */
const withoutPglite = async <A>(act: () => Promise<A>): Promise<A> => {
  const installed = join(trial.folder, "node_modules", "@electric-sql")
  renameSync(installed, `${installed}-away`)
  try {
    return await act()
  } finally {
    renameSync(`${installed}-away`, installed)
  }
}

const bundle = (...flags: ReadonlyArray<string>) =>
  inTrial("esbuild", [
    "app.mjs",
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--outfile=bundled/app.mjs",
    "--log-level=error",
    ...flags,
  ])

// Without the registry these tests fail and are not skipped: no other test tries the packages.
describe.skipIf(!postgresUrl)("what is published, installed outside of the project", () => {
  beforeAll(async () => {
    trial = await Trial.prepare()
  })

  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    trial?.remove()
  })

  it("publint finds nothing in any package, nor attw in the entries of the library", async () => {
    for (const { name, path } of trial.tarballs) {
      const linted = await inTrial("publint", [path, "--strict"])
      expect({ name, ...linted }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("All good"),
      })
    }
    // The other packages export a pattern of files, which attw passes over.
    const library = trial.tarballs.find(({ name }) => name === "onymous")
    const typed = await inTrial("attw", [String(library?.path), "--profile", "esm-only"])
    expect(typed).toMatchObject({ code: 0, stdout: expect.stringContaining('"onymous/history"') })
  })

  it("npm would publish the library as it is, and has nothing to correct in it", async () => {
    const library = trial.staged.find(({ name }) => name === "onymous")
    if (library === undefined) throw new Error("The library was not built.")
    const words = Publishing.wordsFor(library, { isTrial: true, repository: undefined })
    const { code, stderr } = await inTrial("npm", words)
    expect({ code, corrected: stderr.match(/.*corrected.*/g) }).toEqual({
      code: 0,
      corrected: null,
    })
  })

  it("the library brings Effect and our own packages, and nothing else", () => {
    const lock = JSON.parse(readFileSync(join(trial.folder, "package-lock.json"), "utf8"))
    expect(InstalledPackages.broughtBy("onymous", lock)).toEqual([
      "@effect/sql-pg",
      "@onymous/actor",
      "@onymous/database",
      "@onymous/identity",
      "@onymous/log",
      "@onymous/persons",
      "@onymous/projector",
      "@onymous/timetravel",
      "effect",
      "onymous",
      "re2js",
    ])
  })

  it("no package is larger than it needs to be", () => {
    const kilobytes = Object.fromEntries(
      trial.tarballs.map(({ name, size }) => [name, Math.ceil(size / 1000)]),
    )
    expect(kilobytes["onymous"]).toBeLessThan(3000)
    expect(
      Math.max(...Object.entries(kilobytes).map(([name, size]) => (name === "onymous" ? 0 : size))),
    ).toBeLessThan(150)
  })

  it("runs on both lines of Node that are maintained, without a flag", async () => {
    const url = await database()
    for (const node of [process.execPath, trial.olderNode]) {
      const { stdout, stderr } = await inTrial(node, ["app.mjs", url])
      expect({ stdout: stdout.replace(/\d+\n/, "N"), stderr }).toEqual({
        stdout: "ann device on Node N",
        stderr: "",
      })
      const required = await inTrial(node, ["required.cjs"])
      expect(required).toMatchObject({ stdout: "true invalid_input\n", code: 0 })
    }
    expect((await inTrial(trial.olderNode, ["--version"])).stdout).toMatch(/^v22\./)
  })

  it("runs under tsx, and bundled by esbuild without a flag, with no embedded database at hand", async () => {
    const url = await database()
    await withoutPglite(async () => {
      expect(await inTrial("tsx", ["app.mjs", url])).toMatchObject({ code: 0 })
      expect(await bundle()).toMatchObject({ code: 0, stderr: "" })
      expect(await inTrial("node", ["bundled/app.mjs", url])).toMatchObject({ code: 0 })
    })
  })

  it("a page's bundle of the fold is small, and has RE2 where that is asked for", async () => {
    const [fold = 0, patterns = 0] = await Promise.all(
      ["fold.mjs", "patterns.mjs"].map(async (entry) => {
        const flags = ["--bundle", "--minify", "--format=esm", `--outfile=bundled/${entry}`]
        expect(await inTrial("esbuild", [entry, ...flags])).toMatchObject({ code: 0 })
        return gzipSync(readFileSync(join(trial.folder, "bundled", entry))).length
      }),
    )
    expect(fold).toBeLessThan(20_000)
    expect(patterns - fold).toBeGreaterThan(20_000)
  })

  it("the embedded database is found where it is installed, also by a bundle that leaves it out", async () => {
    expect(await bundle("--external:@electric-sql/pglite")).toMatchObject({ code: 0 })
    const { stdout } = await inTrial("node", ["bundled/app.mjs", "./embedded"])
    expect(stdout).toContain("ann device")
  })

  it("where it is missing, or was bundled without its files, the error says what to do", async () => {
    await withoutPglite(async () => {
      const { code, stderr } = await inTrial("node", ["app.mjs", "./embedded"])
      expect(code).toBe(1)
      expect(stderr).toContain("npm install @electric-sql/pglite, or name a Postgres server")
      const command = await inTrial("onymous", ["serve", "--port", "0"])
      expect(command).toMatchObject({ code: 3 })
      expect(command.stderr).toContain(
        "npm install @electric-sql/pglite, or name a Postgres server",
      )
    })
    expect(await bundle()).toMatchObject({ code: 0 })
    const { code, stderr } = await inTrial("node", ["bundled/app.mjs", "./embedded"])
    expect(code).toBe(1)
    expect(stderr).toContain("leave @electric-sql/pglite out of the bundle")
  })

  it.each([
    { module: "nodenext", moduleResolution: "nodenext", compiler: () => trial.folder },
    { module: "esnext", moduleResolution: "bundler", compiler: () => home },
  ])("a host's types check under $moduleResolution, declarations of others too", async (how) => {
    const flags = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "false",
      "--exactOptionalPropertyTypes",
    ]
    const target = ["--target", "es2022", "--types", "node", "--module", how.module]
    const compiler = join(how.compiler(), "node_modules", "typescript", "bin", "tsc")
    const found = ["--moduleResolution", how.moduleResolution, "--ignoreConfig", "host.ts"]
    const checked = await withoutPglite(() =>
      inTrial("node", [compiler, ...flags, ...target, ...found]),
    )
    expect(checked).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("the command serves, has the scripts of a page, answers, and ends with npx", async () => {
    const url = await database()
    const flags = ["serve", "--port", "0", "--database-url", url, "--token", "phc_trial"]
    const child = spawn("npx", ["--no", "onymous", ...flags], {
      cwd: trial.folder,
      env: Trial.environment(trial.folder),
      stdio: ["ignore", "pipe", "pipe"],
    })
    const server = await new Promise<string>((found, failed) => {
      let told = ""
      const hear = (chunk: Buffer) => {
        told += chunk
        const at = /Onymous is at (http:\S+),/.exec(told)?.[1]
        if (at !== undefined) found(at)
      }
      child.stdout.on("data", hear)
      child.stderr.on("data", hear)
      child.once("close", (code) => failed(new Error(`The server ended with ${code}: ${told}`)))
    })
    const body = JSON.stringify({ api_key: "phc_trial", event: "visited", distinct_id: "ann" })
    const taken = await fetch(`${server}/e/`, { method: "POST", body })
    expect(taken.status).toBe(200)
    expect((await fetch(`${server}/static/array.js`)).status).toBe(200)
    const ended = once(child, "close")
    child.kill("SIGTERM")
    await ended
    await expect(fetch(`${server}/health`)).rejects.toThrow()
    const listed = await inTrial("onymous", ["events", "--database-url", url, "--json"])
    expect(listed.stdout).toContain('"visited"')
  })

  it.each(Trial.examples)(
    "the example %s does what its README says, as it is written",
    async (name) => {
      const folder = join(trial.folder, "examples", name)
      const { expected, printed, lastLine } = await ExampleRun.play(folder, await database())
      expect(printed).toEqual(expected)
      expect(lastLine).toBe("closed")
    },
  )

  it("the types of the examples check", async () => {
    const flags = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--skipLibCheck"]
    const modern = ["--target", "es2024", "--module", "nodenext", "--types", "node"]
    const files = Trial.examples.flatMap((name) =>
      globSync(join("examples", name, "*.ts"), { cwd: trial.folder }),
    )
    const compiler = join(home, "node_modules", "typescript", "bin", "tsc")
    const stripped = ["--erasableSyntaxOnly", "--allowImportingTsExtensions", "--ignoreConfig"]
    const checked = await inTrial("node", [compiler, ...flags, ...modern, ...stripped, ...files])
    expect(checked).toEqual({ code: 0, stdout: "", stderr: "" })
  })
})
