import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"

describe("the command", () => {
  let directory = ""
  const file = (name: string, lines: ReadonlyArray<string>): string => {
    const written = join(directory, name)
    writeFileSync(written, lines.join("\n"))
    return written
  }
  /** The log of a database as it is exported. */
  const exported = async (location: ReadonlyArray<string>): Promise<string> => {
    const out = join(directory, "out.ndjson")
    expect(await onymous(["export", "--out", out, ...location])).toMatchObject({ code: 0 })
    return readFileSync(out, "utf8")
  }
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "onymous-replay-"))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const lines = [
    '{"event":"$pageview","distinct_id":"anon","properties":{"$device_id":"anon"}}',
    "",
    '{"event":"$identify","distinct_id":"alice","properties":{"$anon_distinct_id":"anon"}}',
    '{"event":"e","distinct_id":"u","uuid":"00000000-0000-4000-8000-000000000001"}',
    '{"event":"e","distinct_id":"u","uuid":"00000000-0000-4000-8000-000000000001"}',
    '{"advance_to":"2022-10-26T00:00:00Z"}',
  ]

  it("prints the stable form, and stops after --at lines", async () => {
    const path = file("some.ndjson", lines)
    const whole = await onymous(["replay", path, "--json"])
    const result = JSON.parse(whole.stdout)
    expect(result).toMatchObject({ position: 5, warnings: [] })
    expect(result.events.map((event: { line: number }) => event.line)).toEqual([0, 2, 3, 4])
    expect(Object.keys(result)).toEqual(["position", "state_hash", "persons", "events", "warnings"])
    const some = JSON.parse((await onymous(["replay", path, "--json", "--at", "1"])).stdout)
    expect(some).toMatchObject({ position: 1, persons: [{ distinct_ids: ["anon"] }] })
  })

  it("ends with 2 for wrong use, with 3 for what it cannot read, and tells bad lines by number", async () => {
    expect((await onymous(["replay"])).code).toBe(2)
    expect((await onymous(["replay", join(directory, "missing")])).code).toBe(3)
    const good = lines.slice(0, 3)
    const whole = JSON.parse(
      (await onymous(["replay", file("good.ndjson", good), "--json"])).stdout,
    )
    const path = file("bad.ndjson", [good[0] ?? "", '{"event":"x"}', ...good.slice(2)])
    const bad = await onymous(["replay", path, "--json"])
    expect(bad.code).toBe(1)
    expect(bad.stderr).toContain("line 2: distinct_id: expected")
    expect(bad.stderr).toContain("1 lines were not folded.")
    expect(JSON.parse(bad.stdout)).toEqual(whole)
    const strict = await onymous(["replay", path, "--strict"])
    expect(strict).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringContaining("line 2: "),
    })
  })

  it("bytes that are no UTF-8, and a project id that no index holds, are refused by their line", async () => {
    const path = join(directory, "latin1.ndjson")
    const project = JSON.stringify({ event: "e", distinct_id: "u", project: "x".repeat(1001) })
    const latin1 = Buffer.from(`\n{"event":"e","distinct_id":"Ren\xe9"}\n${project}\n`, "latin1")
    writeFileSync(
      path,
      Buffer.concat([Buffer.from('\uFEFF{"event":"e","distinct_id":"René"}'), latin1]),
    )
    const { stdout, stderr } = await onymous(
      ["import", path, "--json"].concat("--data-dir", join(directory, "latin1")),
    )
    expect(stderr).toContain("line 2: line: expected UTF-8")
    expect(stderr).toContain("line 3: project: expected a text of 1 to 1000 bytes, without NUL")
    expect(JSON.parse(stdout)).toMatchObject({ added: 1, bad: 2 })
  })

  it("import takes no time from the future, and says what has a uuid that is taken", async () => {
    const future = (field: string, id: string) =>
      JSON.stringify({ event: "e", distinct_id: id, [field]: "2099-01-01T00:00:00Z" })
    const uuid = "00000000-0000-4000-8000-000000000009"
    const used = (id: string) => JSON.stringify({ event: "e", distinct_id: id, uuid })
    const path = file("future.ndjson", [
      future("timestamp", "a"),
      future("received_at", "b"),
      used("c"),
      used("d"),
      used("c"),
    ])
    const location = ["--data-dir", join(directory, "future")]
    const { stdout, stderr } = await onymous(["import", path, "--json", ...location])
    expect(stderr).toContain("line 2: received_at: expected a time that is not in the future")
    expect(JSON.parse(stdout)).toMatchObject({ added: 2, known: 2, reused: 1, bad: 1 })
    const [first = ""] = (await exported(location)).split("\n")
    const { received_at } = JSON.parse(first)
    expect(Date.parse(received_at)).toBeLessThan(Date.now() + 60_000)
    const replayed = JSON.parse((await onymous(["replay", path, "--json"])).stdout)
    expect(replayed.events.map((event: { status: string }) => event.status).slice(3)).toEqual([
      "duplicate",
      "duplicate",
    ])
  })

  it("a file whose lines name no project has the same persons, replayed, asked and imported", async () => {
    const path = file("unnamed.ndjson", lines.slice(0, 4))
    const location = ["--data-dir", join(directory, "unnamed")]
    const imported = await onymous(["import", path, ...location])
    expect(imported.stdout).toContain("3 events added to A, ")
    const idsOf = async (words: ReadonlyArray<string>) => {
      const { persons, results = persons } = JSON.parse(
        (await onymous([...words, "--json"])).stdout,
      )
      return results.map((each: { person_id: string }) => each.person_id).toSorted()
    }
    const replayed = await idsOf(["replay", path])
    expect(replayed).toHaveLength(1)
    expect(await idsOf(["persons", "--file", path])).toEqual(replayed)
    expect(await idsOf(["persons", ...location])).toEqual(replayed)
    await onymous(["import", path, "--project", "shop", ...location])
    const other = await idsOf(["persons", "--project", "shop", ...location])
    expect(other).toHaveLength(1)
    expect(other).not.toEqual(replayed)
  })

  it("import keeps the good lines, tells the bad ones, and adds nothing the second time", async () => {
    const path = file("import.ndjson", [...lines.slice(0, 5), "broken"])
    const location = ["--data-dir", join(directory, "data")]
    const first = await onymous(["import", path, "--json", ...location])
    expect(first.code).toBe(1)
    expect(first.stderr).toContain("line 6: line: expected a JSON object")
    expect(JSON.parse(first.stdout)).toMatchObject({ added: 3, bad: 1 })
    const second = await onymous(["import", path, "--json", ...location])
    expect(JSON.parse(second.stdout)).toMatchObject({ added: 0, bad: 1 })
    const log = file("again.ndjson", [await exported(location)])
    const replayed = await onymous(["replay", log, "--json"])
    const rebuilt = await onymous(["rebuild", "--gentle", "--json", ...location])
    expect(JSON.parse(rebuilt.stdout).state_hash).toBe(JSON.parse(replayed.stdout).state_hash)
    const persons = await onymous(["persons", "--distinct-id", "anon", "--json", ...location])
    expect(JSON.parse(persons.stdout).results).toMatchObject([{ distinct_ids: ["alice", "anon"] }])
  })
})
