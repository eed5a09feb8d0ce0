import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as PersonId from "@onymous/identity/state/PersonId"
import * as Presets from "@onymous/identity/policy/Presets"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Replay, type ReplayedFile } from "../src/replay/Replay.ts"

const Bag = Schema.Record(Schema.String, Schema.Unknown)

const Person = Schema.Struct({
  distinct_ids: Schema.Array(Schema.String),
  properties: Bag,
  is_identified: Schema.Boolean,
  created_at: Schema.optionalKey(Schema.String),
  uuid_of: Schema.optionalKey(Schema.String),
})

const Attribution = Schema.Struct({
  index: Schema.Int,
  person_of: Schema.optionalKey(Schema.String),
  stamped_uuid_of: Schema.optionalKey(Schema.String),
  dropped: Schema.optionalKey(Schema.Boolean),
  personless: Schema.optionalKey(Schema.Boolean),
  no_person_row: Schema.optionalKey(Schema.Boolean),
})

const Case = Schema.Struct({
  id: Schema.String,
  area: Schema.String,
  note: Schema.optionalKey(Schema.String),
  presets: Schema.Array(Schema.Literals(["page", "posthog"])),
  given: Schema.Array(Bag),
  when: Schema.Array(Bag),
  settings: Schema.optionalKey(Bag),
  expect: Schema.Struct({
    persons: Schema.Union([Schema.Array(Person), Schema.Literal("any")]),
    attribution: Schema.Array(Attribution),
    warnings: Schema.Union([
      Schema.Array(Schema.Struct({ type: Schema.String, details: Bag })),
      Schema.Literal("any"),
    ]),
    buffer: Schema.optionalKey(
      Schema.Array(Schema.Struct({ index: Schema.Int, buffered: Schema.Boolean })),
    ),
    event_timestamps: Schema.optionalKey(
      Schema.Array(Schema.Struct({ index: Schema.Int, timestamp: Schema.String })),
    ),
  }),
})

type Case = typeof Case.Type

const expand = (_: string, value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/^<string of (\d+) characters>$/, (_, count) => "x".repeat(Number(count)))
    : value

const path = resolve(import.meta.dirname, "../../identity/test/conformance/cases.json")
const file: unknown = JSON.parse(readFileSync(path, "utf8"), expand)
const cases = Schema.decodeUnknownSync(Schema.Array(Case))(file).filter(
  ({ area }) => area !== "capture",
)

const start = Date.UTC(2022, 9, 25, 12)

const timeOf = (seconds: number): string => new Date(start + seconds * 1000).toISOString()

/** A step as the line of a file: `at_s` and `now` become its time of recording. */
const lineOf = ({ at_s, now, ...step }: typeof Bag.Type, index: number): object => {
  if (typeof at_s === "number")
    return { timestamp: timeOf(at_s), ...step, received_at: timeOf(at_s) }
  if (typeof now === "string") return { ...step, received_at: now }
  return "event" in step ? { timestamp: timeOf(index), ...step } : step
}

interface Ran extends ReplayedFile {
  /** The events of `when` by their index there. */
  readonly when: ReadonlyArray<ReplayedFile["events"][number] | undefined>
}

/** Replays the steps of a case, or one step alone: steps whose `now` goes back need a log each. */
const run = (one: Case, preset: "page" | "posthog", only?: number): Ran => {
  const isBuffer = one.area === "buffer"
  const steps = [...one.given, ...one.when].map(lineOf)
  const chosen = only === undefined ? steps : steps.slice(only, only + 1)
  const policy = { buffer_enabled: false, ...(!isBuffer && one.settings) }
  const settings = isBuffer ? [{ policy: { buffer_enabled: true, ...one.settings } }] : []
  const [given, when] = [chosen.slice(0, one.given.length), chosen.slice(one.given.length)]
  const lines =
    only === undefined ? [{ policy }, ...given, ...settings, ...when] : [{ policy }, ...chosen]
  const last = isBuffer ? [{ advance_to: timeOf(3600) }] : []
  const replay = new Replay(Presets.presets[preset])
  for (const line of [...lines, ...last]) {
    expect(replay.add(JSON.stringify(line))).toEqual(Result.void)
  }
  const replayed = replay.result()
  const before = lines.length - (only === undefined ? when.length : chosen.length)
  const byLine = new Map(replayed.events.map((event) => [event.line - before, event]))
  return { ...replayed, when: one.when.map((_, index) => byLine.get(index)) }
}

const idOf = (id: string) => PersonId.of(ProjectId("A"), DistinctId(id))

const expectPersons = ({ persons }: Ran, wanted: ReadonlyArray<typeof Person.Type>) => {
  expect(persons.map((person) => person.distinct_ids)).toEqual(
    wanted.map((person) => person.distinct_ids.toSorted()),
  )
  for (const [index, { uuid_of, ...person }] of wanted.entries()) {
    expect(persons[index]).toMatchObject(person)
    expect(persons[index]?.properties).toEqual(person.properties)
    if (uuid_of !== undefined) expect(persons[index]?.person_id).toBe(idOf(uuid_of))
  }
}

const expectAttribution = (ran: Ran, wanted: typeof Attribution.Type) => {
  const event = ran.when[wanted.index]
  const owner = ran.persons.find(({ distinct_ids }) =>
    distinct_ids.includes(wanted.person_of ?? ""),
  )
  const status = wanted.dropped ? "dropped" : wanted.personless ? "personless" : "attributed"
  expect(event?.status).toBe(status)
  expect(event?.person_id ?? null).toBe(owner?.person_id ?? null)
  if (wanted.person_of !== undefined) expect(owner).toBeDefined()
  if (wanted.stamped_uuid_of !== undefined) {
    expect(event?.stamped_person_id).toBe(idOf(wanted.stamped_uuid_of))
  }
}

describe("the conformance cases that are replayed", () => {
  it("are all but those about HTTP", () => expect(cases.length).toBeGreaterThan(75))

  for (const one of cases) {
    for (const preset of one.presets) {
      it(`${one.id} under ${preset}: ${one.note ?? one.area}`, () => {
        for (const { index, timestamp } of one.expect.event_timestamps ?? []) {
          expect(run(one, preset, index).events[0]?.timestamp).toBe(timestamp)
        }
        const ran = run(one, preset)
        const { persons, warnings, attribution, buffer = [] } = one.expect
        if (persons !== "any") expectPersons(ran, persons)
        for (const wanted of attribution) expectAttribution(ran, wanted)
        for (const { index, buffered } of buffer) expect(ran.when[index]?.buffered).toBe(buffered)
        if (warnings === "any") return
        expect(ran.warnings).toMatchObject(warnings)
        expect(ran.warnings.length).toBe(warnings.length)
      })
    }
  }
})
