import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"

const uuid = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`

const lines = [
  { policy: { buffer_enabled: false }, uuid: uuid(0), received_at: "2022-10-25T12:00:00Z" },
  ["$identify", "ann", { $anon_distinct_id: "phone", $set: { plan: "pro" } }],
  ["$pageview", "bobs-phone", {}],
  ["$create_alias", "ann", { alias: "bobs-phone" }],
  ["$identify", "bob", { $anon_distinct_id: "bobs-phone" }],
].map((line, index) =>
  Array.isArray(line)
    ? { event: line[0], distinct_id: line[1], properties: line[2], uuid: uuid(index), project: "1" }
    : { ...line, project: "1" },
)

let directory = ""
let file: ReadonlyArray<string> = []
let data: ReadonlyArray<string> = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "onymous-past-"))
  const path = join(directory, "log.ndjson")
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join("\n"))
  file = ["--file", path]
  data = ["--data-dir", join(directory, "data")]
  const imported = await onymous(["import", path, ...data])
  expect(imported.stderr).toBe("")
  await onymous(["persons", ...data])
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const step = (position: number, event: string, from: string, to: string, outcome: string) => ({
  position,
  event_uuid: uuid(position - 1),
  event,
  received_at: expect.stringMatching(/^2022-10-25T12:00:0\dZ?/),
  from,
  to,
  outcome,
})

it("why has a stable form, of a file and of a database", async () => {
  for (const place of [file, data]) {
    const { code, stdout } = await onymous(["why", "phone", "bobs-phone", "--json", ...place])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      same: true,
      chain: [
        step(2, "$identify", "phone", "ann", "created"),
        step(4, "$create_alias", "ann", "bobs-phone", "merged"),
      ],
      refusals: [],
      unseen: [],
    })
  }
  const apart = JSON.parse((await onymous(["why", "ann", "bob", "--json", ...file])).stdout)
  expect(apart).toMatchObject({ same: false, chain: [], refusals: [{ position: 5 }] })
})

it("bisect, diff, what-if and verify have stable forms", async () => {
  const json = async (...words: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await onymous([...words, "--json", ...file])
    expect({ code, stderr: words[0] === "what-if" ? "" : stderr }).toEqual({ code: 0, stderr: "" })
    return JSON.parse(stdout)
  }
  expect(await json("bisect", "same", "phone", "bobs-phone")).toEqual({
    position: 4,
    event_uuid: uuid(3),
    event: "$create_alias",
    received_at: "2022-10-25T12:00:03.000Z",
    lasting: true,
  })
  expect(await json("bisect", "same phone nobody")).toEqual({
    position: null,
    event_uuid: null,
    event: null,
    received_at: null,
    lasting: true,
  })
  expect(await json("bisect", 'property "ann" plan = "pro"')).toMatchObject({ position: 2 })
  const diff = await json("diff", "2", "4")
  expect(Object.keys(diff)).toEqual(["persons", "warnings"])
  expect(diff.persons).toMatchObject([
    { change: "changed", before: { distinct_ids: ["ann", "phone"] }, after: { project: "1" } },
  ])
  const born = await json("diff", "0", "2")
  expect(born.persons).toMatchObject([{ change: "born", before: null }])
  const whatIf = await json("what-if", "--without", uuid(3))
  expect(whatIf.persons.map((each: { change: string }) => each.change).toSorted()).toEqual([
    "changed",
    "renamed",
  ])
  expect(whatIf.warnings).toMatchObject({ added: [], removed: [{ position: 5 }] })
  const verified = await json("verify")
  expect(verified).toEqual({ ok: true, position: 5, state_hash: verified.state_hash })
})

it("verify of a database compares with what is stored, persons are shown as of any point", async () => {
  const deep = await onymous(["verify", "--deep", "--json", ...data])
  expect({ code: deep.code, ...JSON.parse(deep.stdout) }).toMatchObject({ code: 0, ok: true })
  const verified = await onymous(["verify", "--json", ...data])
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, position: 5 })
  for (const place of [file, data]) {
    const past = await onymous(["persons", "--at", uuid(2), "--json", ...place])
    const { results, position } = JSON.parse(past.stdout)
    expect(position).toBe(3)
    expect(
      results.flatMap((each: { distinct_ids: unknown }) => each.distinct_ids).toSorted(),
    ).toEqual(["ann", "bobs-phone", "phone"])
  }
})

it("a question about some ids has the same answer of a database, read locally, and of a file", async () => {
  for (const words of [
    ["trace", uuid(3)],
    ["history", "phone"],
    ["diff", "2", "4", "--person", "ann"],
    ["bisect", "same", "phone", "bobs-phone"],
    ["why", "bobs-phone", "phone", "--undo"],
    ["why", "phone", "--culprits"],
    ["why", "phone", "--property", "plan"],
    ["what-if", "--without", uuid(3)],
  ]) {
    const [ofFile, ofData] = await Promise.all(
      [file, data].map((place) => onymous([...words, "--json", ...place])),
    )
    expect({ words, code: ofData?.code, ...JSON.parse(String(ofData?.stdout)) }).toEqual({
      words,
      code: 0,
      ...JSON.parse(String(ofFile?.stdout)),
    })
  }
})

it("a difference tells people whom a person was merged into, and who has another person id", async () => {
  const merged = await onymous(["diff", "3", "4", ...file])
  expect(merged.stdout).toMatch(
    /^- person [0-9a-f-]{36} \(bobs-phone\), merged into [0-9a-f-]{36}$/m,
  )
  const apart = await onymous(["what-if", "--without", uuid(3), ...file])
  expect(apart.stdout).toMatch(
    /^~ person [0-9a-f-]{36} \(bob\) has another person id: [0-9a-f-]{36}/m,
  )
})

it("warnings, waiting events and rules are shown as of any point, of a file and of a database", async () => {
  for (const place of [file, data]) {
    const json = async (...words: ReadonlyArray<string>) =>
      JSON.parse((await onymous([...words, "--json", ...place])).stdout)
    const counts = async (at: string) =>
      (await json("warnings", "--at", at)).results.map(({ count }: { count: number }) => count)
    expect([await counts("4"), await counts("5")]).toEqual([[], [1]])
    expect((await json("policy", "--at", "0")).policy.buffer_enabled).toBe(true)
    expect((await json("policy", "--at", uuid(0))).policy.buffer_enabled).toBe(false)
    expect(await json("waiting", "--at", "3")).toEqual({ results: [], next: null, position: 3 })
  }
  const set = await onymous(["policy", "--set", "buffer_enabled=true", "--at", "1", ...data])
  expect(set).toMatchObject({ code: 2, stderr: "--set: expected neither --file nor --at\n" })
})

it("retract tells before and after what it changes, and is retracted again", async () => {
  const who = ["--by", "ann", "--reason", "a shared phone", "--json", ...data]
  const preview = await onymous(["retract", uuid(3), "--preview", "--json", ...data])
  const done = await onymous(["retract", uuid(3), ...who])
  expect(done).toMatchObject({ code: 0, stderr: "" })
  const { position, event_uuid, ...difference } = JSON.parse(done.stdout)
  expect(position).toBe(6)
  expect(JSON.parse(preview.stdout)).toEqual(difference)
  const why = await onymous(["why", "phone", "bobs-phone", "--json", ...data])
  expect(JSON.parse(why.stdout)).toMatchObject({ same: false, chain: [] })
  const again = await onymous(["retract", uuid(3), ...who])
  expect(again).toMatchObject({ code: 1, stdout: "" })
  expect(again.stderr).toContain("retract its retraction")
  const back = await onymous(["retract", event_uuid, ...who])
  expect(JSON.parse(back.stdout)).toMatchObject({ position: 7 })
  const same = await onymous(["diff", "5", "7", "--json", ...data])
  expect(JSON.parse(same.stdout)).toEqual({ persons: [], warnings: { added: [], removed: [] } })
  const nobody = await onymous(["retract", uuid(3), "--reason", "x", ...data])
  expect(nobody).toMatchObject({ code: 2, stderr: "--by: expected who retracts\n" })
})

it("what is not understood ends with 2, what cannot be done with 3, each in words", async () => {
  const wrong = await onymous(["why", "ann", ...file])
  expect(wrong).toMatchObject({ code: 2, stderr: "B: expected another distinct id\n" })
  expect((await onymous(["bisect", "nonsense", ...file])).code).toBe(2)
  expect((await onymous(["why", "a", "b", "--at", "yesterday", ...file])).code).toBe(2)
  expect((await onymous(["what-if", "--without", uuid(9), ...file])).code).toBe(2)
  expect((await onymous(["trace", "99", "--file", join(directory, "missing")])).code).toBe(3)
})

it("what is wrong is told by the name that was typed, and a point by its position", async () => {
  for (const [words, stderr] of [
    [["trace", "zzz"], "EVENT: expected a position, an ISO 8601 time, a uuid, or 2h ago\n"],
    [["diff", "99"], "FROM: expected a position of the log, which ends at 5\n"],
    [["diff", "1", "99"], "TO: expected a position of the log, which ends at 5\n"],
    [["persons", "--at", "99"], "--at: expected a position of the log, which ends at 5\n"],
    [["verify", "--from", "99"], "--from: expected a position of the log, which ends at 5\n"],
  ] as const) {
    const { code, stderr: told } = await onymous([...words, ...file])
    expect({ words, code, told }).toEqual({ words, code: 2, told: stderr })
  }
  const told = await onymous(["why", "phone", "ann", "--at", uuid(1), ...file])
  expect(told).toMatchObject({ code: 0, stderr: `--at ${uuid(1)} is position 2.\n` })
})

it("an id that nobody was ever called ends with 1, and a person's that came later does not", async () => {
  for (const words of [
    ["why", "ann", "nobody"],
    ["why", "nobody", "--property", "plan"],
    ["why", "nobody", "--culprits"],
    ["why", "ann", "nobody", "--undo"],
    ["history", "nobody"],
    ["diff", "0", "--person", "nobody"],
    ["persons", "--distinct-id", "nobody"],
    ["warnings", "--distinct-id", "nobody"],
  ]) {
    const { code, stdout, stderr } = await onymous([...words, ...file])
    expect({ words, code, stdout, stderr }).toEqual({
      words,
      code: 1,
      stdout: "",
      stderr: "Nobody was ever called nobody.\n",
    })
  }
  const json = await onymous(["history", "nobody", "--json", ...file])
  expect(json).toMatchObject({ code: 1, stdout: '{"history":[]}\n' })
  expect(await onymous(["history", "bob", "--at", "1", ...file])).toMatchObject({ code: 0 })
})

it("a file is asked although a line of it is no event, which is told by its number", async () => {
  const cut = join(directory, "cut.ndjson")
  writeFileSync(cut, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"event":"$identi`)
  const bad = `${cut}: line 6: line: expected a JSON object\n`
  const whole = await onymous(["persons", "--json", ...file])
  const answered = await onymous(["persons", "--json", "--file", cut])
  expect(answered).toEqual({ ...whole, stderr: bad })
  const strict = await onymous(["persons", "--strict", "--file", cut])
  expect(strict).toEqual({ code: 3, stdout: "", stderr: bad })
})

it("time is counted back from the end of a file, which may be years old", async () => {
  const hours = join(directory, "hours.ndjson")
  const at = (hour: number, id: string) =>
    JSON.stringify({ event: "e", distinct_id: id, received_at: `2022-10-25T${hour}:00:00Z` })
  writeFileSync(hours, [at(10, "first"), at(13, "second"), at(14, "third")].join("\n"))
  const asked = await onymous([
    "diff",
    "90 minutes ago",
    "--file",
    hours,
    "--json",
    "--preset",
    "posthog",
  ])
  expect(asked).toMatchObject({ code: 0, stderr: "FROM 90 minutes ago is position 1.\n" })
  const { persons } = JSON.parse(asked.stdout)
  expect(
    persons
      .flatMap((each: { after: { distinct_ids: unknown } }) => each.after.distinct_ids)
      .toSorted(),
  ).toEqual(["second", "third"])
})
