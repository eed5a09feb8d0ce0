import { expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { onymous as run } from "./InProcess.ts"
import { serve, type Serving, started, stopped } from "./Serving.ts"
import { lines, userId, uuidOf, wrongMergeLine } from "./SharedDevice.ts"

const postgresUrl = inject("postgresUrl")

const operatorKey = "sesame-sesame-sesame-sesame-sesame"

const users = 12

const merged = uuidOf(wrongMergeLine(users))

/** Numbers that no double keeps, as an id and in properties. */
const long = JSON.stringify({
  event: "$identify",
  distinct_id: "BIG",
  project: "1",
  properties: { $anon_distinct_id: "tall", $set: { big: "BIG", list: ["BIG", { deep: "BIG" }] } },
}).replaceAll('"BIG"', "12345678901234567890")

/** Every question of the command line, by the exit code of its answer. */
const questions: Readonly<Record<number, ReadonlyArray<ReadonlyArray<string>>>> = {
  0: [
    ["persons"],
    ["persons", "--limit", "2"],
    ["persons", "--distinct-id", userId(3), "--at", "20"],
    ["persons", "--distinct-id", "12345678901234567890"],
    ["persons", "--distinct-id", "server-1"],
    ["operations"],
    ["persons", "--search", "Łódź", "--filter-internal"],
    ["events", "--distinct-id", userId(3)],
    ["events", "--limit", "3", "--at", merged],
    ["warnings"],
    ["warnings", "--type", "cannot_merge_already_identified", "--at", "30"],
    ["waiting", "--released"],
    ["policy"],
    ["why", userId(7), "not-logged-in"],
    ["why", userId(7), userId(8)],
    ["why", userId(7), "not-logged-in", "--undo"],
    ["why", userId(7), "--culprits"],
    ["why", userId(7), "--property", "plan"],
    ["trace", merged],
    ["history", userId(7), "--at", merged],
    ["diff", "10", "20"],
    ["diff", "0", "--person", "12345678901234567890"],
    ["bisect", "same", userId(7), "not-logged-in"],
    ["bisect", "persons", ">", "5"],
    ["bisect", "property", "👩‍👩‍👧 family", "name", "=", '"👩‍👩‍👧 family"'],
    ["what-if", "--without", merged],
    ["what-if", "--policy", "preset=posthog", "--from", "0"],
    ["what-if", "--insert", "LATE"],
    ["retract", merged, "--preview"],
    ["verify"],
    ["verify", "--deep"],
    ["projects"],
    ["keys"],
    ["tail", "--after", "0", "--limit", "5"],
    ["tail", "--after", "20", "--limit", "3"],
    ["rebuild"],
    ["rebuild", "--verify-only"],
    ["rebuild", "--all"],
  ],
  1: [
    ["why", userId(7), "nobody"],
    ["why", "nobody", "--property", "plan"],
    ["history", "nobody"],
    ["diff", "0", "--person", "nobody"],
    ["persons", "--distinct-id", "nobody"],
    ["events", "--distinct-id", "nobody"],
    ["warnings", "--distinct-id", "nobody"],
    ["retract", uuidOf(999_999), "--preview"],
    ["person", "delete", "nobody"],
    ["person", "split", userId(3), "--main", "nobody"],
    ["keys", "make", "serve"],
    ["keys", "end", "nobody"],
  ],
  2: [
    ["why", "a", "b", "--at", "yesterday"],
    ["trace", "zzz"],
    ["diff", "10", "999999"],
    ["bisect", "nonsense"],
    ["what-if", "--without", uuidOf(999_999)],
    ["keys", "make", "a b"],
    ["person", "merge", userId(3), userId(3), "--by", "ann", "--reason", "x"],
  ],
  3: [
    ["persons", "--project", "none"],
    ["keys", "--project", "none"],
    ["rebuild", "--project", "none"],
    ["tail", "--project", "none"],
  ],
}

const cases = Object.entries(questions).flatMap(([code, all]) =>
  all.map((words) => ({ words, code: Number(code), name: words.join(" ") })),
)

describe.skipIf(!postgresUrl)("a running server", () => {
  const scope = Effect.runSync(Scope.make())
  let directory = ""
  let server: Serving | undefined
  let database: ReadonlyArray<string> = []

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "onymous-asking-"))
    writeFileSync(join(directory, "late.ndjson"), '{"event":"$identify","distinct_id":"late"}')
    const file = join(directory, "log.ndjson")
    writeFileSync(file, [...lines(users), long].join("\n"))
    const url = await Effect.runPromise(
      Effect.provideService(TestDatabase.fresh(postgresUrl), Scope.Scope, scope),
    )
    database = ["--database-url", url]
    expect(await run(["import", file, ...database])).toMatchObject({ code: 0, stderr: "" })
    server = await serve(database, ["--operator-key", operatorKey])
  })

  afterAll(async () => {
    await server?.stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(directory, { recursive: true, force: true })
  })

  const remote = () => ["--url", String(server?.url), "--key", operatorKey]

  it.each(cases)(
    "answers $name as the database does, to the byte, in words and as JSON",
    async ({ words, code }) => {
      const named = words.map((word) => word.replace("LATE", join(directory, "late.ndjson")))
      for (const format of [[], ["--json"]]) {
        const asked = [...named, ...format]
        const own = await run([...asked, ...database])
        expect(own).toMatchObject({ code })
        expect(await run([...asked, ...remote()])).toEqual(own)
      }
    },
  )

  it("answers status as the database does, and that it derives the persons itself", async () => {
    const statusOf = async (place: ReadonlyArray<string>) =>
      JSON.parse((await run(["status", "--json", ...place])).stdout)
    // `status` does not wait for the persons, `persons` does.
    await run(["persons", ...remote()])
    const [told, known] = [await statusOf(remote()), await statusOf(database)]
    expect([told.owner, known.owner]).toEqual(["here", "elsewhere"])
    expect({ ...told, owner: "elsewhere" }).toEqual(known)
    const { stdout } = await run(["status", ...remote()])
    expect(stdout).toContain("The persons are derived by the process that answers.")
  })

  it("does what an operator does, and the next question sees it, whoever answers", async () => {
    const json = async (words: ReadonlyArray<string>) => {
      const { code, stdout, stderr } = await run([...words, "--json", ...remote()])
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      return JSON.parse(stdout)
    }
    const properties = async (place: ReadonlyArray<string>) => {
      const asked = ["persons", "--distinct-id", userId(1), "--json", ...place]
      return JSON.parse((await run(asked)).stdout).results[0].properties
    }
    await json(["person", "edit", userId(1), '{"seats":9007199254740993}'])
    const { stdout } = await run(["persons", "--distinct-id", userId(1), "--json", ...remote()])
    expect(stdout).toContain('"seats":9007199254740993')
    await json(["person", "edit", userId(1), "--unset", "seats", "--unset", "plan"])
    for (const place of [database, remote()]) {
      expect(Object.keys(await properties(place))).not.toContain("seats")
      expect(Object.keys(await properties(place))).not.toContain("plan")
    }
    const changed = await json(["policy", "--set", "buffer_enabled=false"])
    expect(changed.policy.buffer_enabled).toBe(false)
    const because = ["--by", "ann", "--reason", "a shared tablet"]
    const preview = await json(["retract", merged, "--preview"])
    const { position, event_uuid, ...difference } = await json(["retract", merged, ...because])
    expect(difference).toEqual(preview)
    const why = ["why", userId(7), "not-logged-in", "--json"]
    expect(JSON.parse((await run([...why, ...database])).stdout)).toMatchObject({ same: false })
    expect(await json(["retract", event_uuid, ...because])).toMatchObject({
      position: position + 1,
    })
    const acts = ["tail", "--after", `${position - 4}`, "--limit", "5"]
    for (const format of [[], ["--json"]]) {
      const told = await run([...acts, ...format, ...database])
      expect(told.stdout.trim().split("\n")).toHaveLength(5)
      expect(told.stdout).toContain('"seats":9007199254740993')
      expect(await run([...acts, ...format, ...remote()])).toEqual(told)
    }
    const again = await run(["retract", event_uuid, ...because, ...remote()])
    expect(again).toMatchObject({ code: 1, stdout: "" })
    expect(again.stderr).toMatch(/^UUID: expected an event that is not undone yet/)
  })

  it("makes and ends keys for whoever asks it with the operator's key, and for nobody else", async () => {
    const made = await run(["keys", "make", "ann", "--json", ...remote()])
    expect(made).toMatchObject({ code: 0, stderr: "" })
    const { key } = JSON.parse(made.stdout)
    const asAnn = ["--url", String(server?.url), "--key", key]
    expect(await run(["status", ...asAnn])).toMatchObject({ code: 0 })
    expect(await run(["keys", ...asAnn])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Send the operator's key"),
    })
    const ended = await run(["keys", "end", "ann", ...remote()])
    expect(ended).toMatchObject({
      code: 0,
      stdout: "The key ann of project 1 opens nothing any more.\n",
    })
    expect(await run(["status", ...asAnn])).toMatchObject({ code: 2 })
  })

  it("says no where what is there differs, and rebuilds it within limits of its own", async () => {
    const tamper = Effect.gen(function* () {
      const sql = yield* SchemaClient
      yield* sql`update ${sql.ours("persons")} set version = version + 7 where to_position is null`
      yield* sql`update ${sql.ours("checkpoints")} set state_hash = ${"0".repeat(32)}`
    })
    await Effect.runPromise(Effect.provide(tamper, Database.layer(database[1] ?? "")))
    for (const words of [
      ["rebuild", "--verify-only"],
      ["rebuild", "--verify-only", "--all"],
    ]) {
      for (const format of [[], ["--json"]]) {
        const asked = [...words, ...format]
        const own = await run([...asked, ...database])
        expect(own).toMatchObject({ code: 1, stderr: expect.stringContaining("in project 1.") })
        expect(await run([...asked, ...remote()])).toEqual(own)
      }
    }
    expect(await run(["rebuild", "--memory", "64", ...remote()])).toEqual({
      code: 2,
      stdout: "",
      stderr: "--memory: expected a database that no server has: a running one limits itself\n",
    })
    expect(await run(["rebuild", ...remote()])).toMatchObject({ code: 0 })
    expect(await run(["rebuild", "--verify-only", ...database])).toMatchObject({ code: 0 })
  })

  it("exports what the database does, and imports it with the same words", async () => {
    const [own, told] = [join(directory, "own.ndjson"), join(directory, "told.ndjson")]
    expect(await run(["export", "--out", own, ...database])).toMatchObject({ code: 0 })
    expect(await run(["export", "--out", told, ...remote()])).toMatchObject({ code: 0 })
    expect(readFileSync(own, "utf8")).toContain("12345678901234567890")
    expect(readFileSync(told)).toEqual(readFileSync(own))
    const untaken = join(directory, "none.ndjson")
    for (const place of [database, remote()]) {
      const none = await run(["export", "--out", untaken, "--project", "none", ...place])
      expect(none).toEqual({ code: 3, stdout: "", stderr: "There is no project none.\n" })
    }
    expect(existsSync(untaken)).toBe(false)
    const file = join(directory, "odd.ndjson")
    const good = JSON.stringify({ event: "e", distinct_id: "ann" })
    const many = Array.from({ length: 2500 }, () => good)
    const noUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])
    writeFileSync(file, Buffer.concat([Buffer.from([good, "", "{}", ""].join("\n")), noUtf8]))
    appendFileSync(file, ["", ...many, "[]", good].join("\n"))
    for (const format of [[], ["--json"]]) {
      const asked = ["import", file, ...format]
      const mine = await run([...asked, "--project", `A${format}`, ...database])
      const theirs = await run([...asked, "--project", `B${format}`, ...remote()])
      expect(mine).toMatchObject({ code: 1, stderr: expect.stringContaining("line 4: line: ") })
      expect(mine.stderr).toMatch(/^line 2505: /m)
      expect(theirs).toEqual({ ...mine, stdout: mine.stdout.replace(" to A", " to B") })
      const again = await run(["import", file, "--json", "--project", `A${format}`, ...remote()])
      expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, known: 2502, bad: 3 })
    }
  })

  it("takes lines of a project from whoever has its key, and none of another project", async () => {
    const { key } = JSON.parse((await run(["keys", "make", "cy", "--json", ...remote()])).stdout)
    const file = join(directory, "two.ndjson")
    const line = { event: "e", distinct_id: "ann" }
    writeFileSync(
      file,
      [line, { ...line, project: "other" }].map((each) => JSON.stringify(each)).join("\n"),
    )
    const asCy = ["--url", String(server?.url), "--key", key]
    expect(await run(["import", file, "--project", "1", ...asCy])).toEqual({
      code: 1,
      stdout: "2 lines: 1 events added to 1, 0 known already, 1 bad.\n",
      stderr: "line 2: project: expected 1, whose key this is\n1 lines were not taken.\n",
    })
    expect(await run(["import", file, "--project", "other", ...asCy])).toMatchObject({ code: 2 })
  })

  it("is waited for by tail where it restarts, which goes on with the next event", async () => {
    const { head } = JSON.parse((await run(["status", "--json", ...remote()])).stdout)
    const port = await free()
    const { port: target } = new URL(String(server?.url))
    const open = () => passOn(port, Number(target), "/log?")
    const imported = (id: string) => {
      const file = join(directory, `${id}.ndjson`)
      writeFileSync(file, JSON.stringify({ event: "e", distinct_id: id, project: "1" }))
      return run(["import", file, ...remote()])
    }
    const first = await open()
    const words = ["tail", "--after", `${head}`, "--limit", "2", "--json"]
    const tail = run([...words, "--url", `http://127.0.0.1:${port}`, "--key", operatorKey])
    await first.asked
    await imported("before")
    await first.close()
    await imported("after")
    const second = await open()
    const { code, stdout, stderr } = await tail
    await second.close()
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "There is no answer now: waiting to go on.\n",
    })
    const ids = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).distinct_id)
    expect(ids).toEqual(["before", "after"])
  })

  it("has what an import that is cancelled said to be in the log", async () => {
    const flags = ["import", "-", "--project", "cancelled", ...remote()]
    const importing = started(flags)
    let told = ""
    importing.stderr.on("data", (chunk: Buffer) => (told += chunk))
    const line = JSON.stringify({ event: "e", distinct_id: "a" })
    // Standard input does not end: the import sends one batch, and keeps half of the next one.
    importing.stdin.write(`${line}\n`.repeat(1500))
    const status = ["status", "--json", "--project", "cancelled", ...remote()]
    const head = async () => JSON.parse((await run(status)).stdout || "{}").head
    await expect.poll(head, { timeout: 300_000, interval: 200 }).toBe(1000)
    expect(await stopped(importing)).toBe(3)
    expect(told).toBe(
      "1000 events are in the log; the same command goes on from there.\nCancelled.\n",
    )
  })

  it("is not taken for what it is not", async () => {
    const ended = async (...flags: ReadonlyArray<string>) => {
      const { code, stdout, stderr } = await run(["persons", ...flags])
      expect(stdout).toBe("")
      return { code, stderr }
    }
    const url = String(server?.url)
    expect(await ended("--url", url)).toEqual({
      code: 2,
      stderr: "--key: expected the secret key of the project, or the operator's\n",
    })
    expect(await ended("--url", url, "--key", "wrong")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--key: "),
    })
    expect(await ended("--url", "localhost", "--key", "k")).toEqual({
      code: 2,
      stderr: "--url: expected the address of a server, as http://127.0.0.1:8000\n",
    })
    expect(await ended("--url", url, "--key", "k", ...database)).toEqual({
      code: 2,
      stderr: "--url or --database-url: expected one of them\n",
    })
    // Nobody listens on a port that was just given back.
    const closed = await free()
    expect(await ended("--url", `http://127.0.0.1:${closed}`, "--key", "k")).toEqual({
      code: 3,
      stderr: expect.stringContaining(`There is no answer from http://127.0.0.1:${closed}: `),
    })
  })
})

/** A proxy on a port to a server on another port; `asked` resolves once a request names the path. */
const passOn = async (port: number, target: number, path: string) => {
  const sockets = new Set<Socket>()
  const asked = Promise.withResolvers<void>()
  const door = createServer((client) => {
    const served = connect(target, "127.0.0.1")
    for (const socket of [client, served]) {
      sockets.add(socket)
      socket.on("error", () => socket.destroy())
    }
    client.on("data", (chunk: Buffer) => {
      if (chunk.includes(path)) asked.resolve()
    })
    client.pipe(served).pipe(client)
  })
  await new Promise<void>((done) => door.listen(port, "127.0.0.1", done))
  const close = () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((done) => door.close(done))
  }
  return { asked: asked.promise, close }
}

/** A port of this machine that nobody has. */
const free = async (): Promise<number> => {
  const listener = createServer()
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done))
  const address = listener.address()
  await new Promise((done) => listener.close(done))
  return typeof address === "object" && address !== null ? address.port : 0
}
