import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Result } from "effect"
import * as Json from "@onymous/identity/Json"
import { Replay } from "@onymous/timetravel/Replay"
import { onymous } from "./Serving.ts"

interface Case {
  readonly id: string
  readonly area: string
  readonly presets: ReadonlyArray<string>
  readonly given: ReadonlyArray<Json.JsonObject>
  readonly when: ReadonlyArray<Json.JsonObject>
  readonly expect: {
    readonly persons: ReadonlyArray<Json.JsonObject> | "any"
    readonly attribution: ReadonlyArray<Json.JsonObject>
    readonly warnings: ReadonlyArray<{ readonly type: string; readonly details: Json.JsonObject }>
  }
}

const path = resolve(import.meta.dirname, "../../identity/test/conformance/cases.json")
const cases: ReadonlyArray<Case> = JSON.parse(readFileSync(path, "utf8"))
const areas = [
  "identify",
  "alias",
  "illegal_ids",
  "set",
  "set_once",
  "unset",
  "attribution",
  "warnings",
]
const chosen = cases.filter(
  ({ area, presets, given, when }) =>
    areas.includes(area) &&
    presets.includes("page") &&
    ![...given, ...when].some((step) => Object.hasOwn(step, "api")),
)

const linesOf = ({ given, when }: Case): ReadonlyArray<string> => {
  const start = Date.UTC(2022, 9, 25, 12)
  const events = [...given, ...when].map((event, index) => ({
    timestamp: new Date(start + index * 1000).toISOString(),
    ...event,
  }))
  return [{ policy: { buffer_enabled: false } }, ...events].map((line) => JSON.stringify(line))
}

describe("the conformance cases of the page", () => {
  it("are at hand", () => expect(chosen.length).toBeGreaterThan(35))

  it.each(chosen.map((each) => [each.id, each] as const))("%s", (_, each) => {
    const replay = new Replay()
    for (const line of linesOf(each)) expect(Result.isSuccess(replay.add(line))).toBe(true)
    const { persons, events, warnings } = replay.result()
    if (each.expect.persons !== "any") {
      const wanted = each.expect.persons.map(({ uuid_of: _uuid, ...person }) => person)
      expect(persons).toMatchObject(wanted)
      expect(persons.length).toBe(wanted.length)
      expect(persons.map(({ properties }) => properties)).toEqual(
        wanted.map((p) => p["properties"]),
      )
    }
    for (const { index, person_of, dropped } of each.expect.attribution) {
      const event = events[each.given.length + Number(index)]
      const owner = persons.find(({ distinct_ids }) => distinct_ids.includes(String(person_of)))
      expect(event?.status).toBe(dropped === true ? "dropped" : "attributed")
      expect(event?.person_id).toBe(dropped === true ? null : owner?.person_id)
    }
    expect(warnings.length).toBe(each.expect.warnings.length)
    expect(warnings).toMatchObject(each.expect.warnings)
  })
})

describe("the command", () => {
  let directory = ""
  const file = (name: string, lines: ReadonlyArray<string>): string => {
    const written = join(directory, name)
    writeFileSync(written, lines.join("\n"))
    return written
  }
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "onymous-replay-"))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const lines = [
    '{"event":"$pageview","distinct_id":"anon"}',
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

  it("ends with 2 for wrong use, with 3 and the line for what it cannot read", async () => {
    expect((await onymous(["replay"])).code).toBe(2)
    expect((await onymous(["replay", join(directory, "missing")])).code).toBe(3)
    const bad = await onymous(["replay", file("bad.ndjson", [lines[0] ?? "", '{"event":"x"}'])])
    expect(bad.code).toBe(3)
    expect(bad.stderr).toContain("line 2: distinct_id: expected")
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
    const exported = await onymous(["export", ...location])
    const replayed = await onymous(["replay", file("out.ndjson", [exported.stdout]), "--json"])
    const rebuilt = await onymous(["rebuild", "--json", ...location])
    expect(JSON.parse(rebuilt.stdout).state_hash).toBe(JSON.parse(replayed.stdout).state_hash)
    const persons = await onymous(["persons", "--distinct-id", "anon", "--json", ...location])
    expect(JSON.parse(persons.stdout).results).toMatchObject([{ distinct_ids: ["alice", "anon"] }])
  })
})
