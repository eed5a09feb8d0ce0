import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Change } from "../src/state/Change.ts"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as Identity from "../src/Identity.ts"
import type { Json } from "../src/encoding/Json.ts"
import * as PersonId from "../src/state/PersonId.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"
import { logOf, project, warningsIn } from "./pastLines.ts"

const Step = Schema.Struct({
  event: Schema.optionalKey(Schema.String),
  distinct_id: Schema.optionalKey(Schema.Unknown),
  api: Schema.optionalKey(Schema.String),
})

const Properties = Schema.Record(Schema.String, Schema.Unknown)

const Person = Schema.Struct({
  distinct_ids: Schema.Array(Schema.String),
  properties: Properties,
  is_identified: Schema.Boolean,
  created_at: Schema.optionalKey(Schema.String),
  uuid_of: Schema.optionalKey(Schema.String),
})

const Attribution = Schema.Struct({
  index: Schema.Int,
  person_of: Schema.optionalKey(Schema.String),
  stamped_uuid_of: Schema.optionalKey(Schema.String),
  dropped: Schema.optionalKey(Schema.Boolean),
})

const Warning = Schema.Struct({ type: Schema.String, details: Properties })

const Header = Schema.Struct({
  id: Schema.String,
  area: Schema.String,
  presets: Schema.Array(Schema.Literals(["page", "posthog"])),
})

const Case = Schema.Struct({
  ...Header.fields,
  note: Schema.optionalKey(Schema.String),
  given: Schema.Array(Step),
  when: Schema.Array(Step),
  expect: Schema.Struct({
    persons: Schema.Array(Person),
    attribution: Schema.Array(Attribution),
    warnings: Schema.Array(Warning),
  }),
})

const areas = [
  ["identify", "alias", "merge_dangerously", "illegal_ids", "set", "set_once", "unset"],
  ["attribution", "warnings"],
].flat()

/** Cases of these areas with more than events: the test of replay runs them. */
const excluded = { "attribution-006": "splits a person through the API" }

const expand = (_: string, value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/^<string of (\d+) characters>$/, (_, count) => "x".repeat(Number(count)))
    : value

const file: unknown = JSON.parse(
  readFileSync(`${import.meta.dirname}/conformance/cases.json`, "utf8"),
  expand,
)

/** The steps as they came: a schema keeps only the fields that it names. */
const Raw = Schema.Array(
  Schema.Struct({ given: Schema.Array(Schema.Unknown), when: Schema.Array(Schema.Unknown) }),
)

const raw = Schema.decodeUnknownSync(Raw)(file)

const headers = Schema.decodeUnknownSync(Schema.Array(Header))(file)

const isBound = ({ id, area }: typeof Header.Type) =>
  areas.includes(area) && !Object.hasOwn(excluded, id)

const cases = Schema.decodeUnknownSync(Schema.Array(Schema.Unknown))(file).flatMap((one, index) =>
  isBound(headers[index] ?? { id: "", area: "", presets: [] })
    ? [{ ...Schema.decodeUnknownSync(Case)(one), raw: raw[index] ?? { given: [], when: [] } }]
    : [],
)

/** Runs a case, and gives its results for comparison. */
const run = (
  given: ReadonlyArray<unknown>,
  when: ReadonlyArray<unknown>,
  policy: Policy.Policy,
) => {
  const identity = Identity.empty(project, { ...policy, buffer_enabled: false })
  const changes: Array<Change> = []
  const stamps: Array<PersonId.PersonId | undefined> = []
  const log = logOf([...given, ...when])
  for (const recorded of log) {
    const made = Identity.fold(identity, [recorded])
    changes.push(...made)
    const isDropped = made.some(({ _tag }) => _tag === "Dropped")
    const { event } = recorded
    const owner =
      isDropped || event._tag !== "Captured"
        ? undefined
        : Identity.personOf(identity, event.distinctId)
    stamps.push(owner?.id)
  }
  return { identity, stamps: stamps.slice(given.length), log: log.slice(given.length), changes }
}

const byIds = (a: { ids: ReadonlyArray<string> }, b: { ids: ReadonlyArray<string> }) =>
  JSON.stringify(a.ids) < JSON.stringify(b.ids) ? -1 : 1

const entriesOf = (properties: object): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** A person as a case describes it: what the case leaves open is left out. */
const described = (
  { person, members }: Identity.Component,
  wanted: typeof Person.Type | undefined,
) => ({
  ids: members.map(String).toSorted(),
  properties: entriesOf(person.properties),
  isIdentified: person.isIdentified,
  createdAt: wanted?.created_at === undefined ? undefined : person.createdAt,
  id: wanted?.uuid_of === undefined ? undefined : person.id,
})

const wantedPerson = (person: typeof Person.Type) => ({
  ids: person.distinct_ids.toSorted(),
  properties: entriesOf(person.properties),
  isIdentified: person.is_identified,
  createdAt: person.created_at === undefined ? undefined : Date.parse(person.created_at),
  id: person.uuid_of === undefined ? undefined : idOf(person.uuid_of),
})

const idOf = (id: string) => PersonId.of(project, DistinctId(id))

const detailsLike = (details: Readonly<Record<string, Json>>, wanted: object) =>
  Object.fromEntries(Object.keys(wanted).map((key) => [key, details[key]]))

type Ran = ReturnType<typeof run>

const expectPersons = ({ identity }: Ran, wanted: ReadonlyArray<typeof Person.Type>) => {
  const persons = [...Identity.components(identity)].map((component) => {
    const has = ({ distinct_ids }: typeof Person.Type) =>
      component.members.some((id) => distinct_ids.includes(id))
    return described(component, wanted.find(has))
  })
  expect(persons.toSorted(byIds)).toEqual(wanted.map(wantedPerson).toSorted(byIds))
}

const expectAttribution = (ran: Ran, wanted: typeof Attribution.Type) => {
  const stamp = ran.stamps[wanted.index]
  if (wanted.dropped) return expect(stamp).toBeUndefined()
  if (wanted.stamped_uuid_of !== undefined) expect(stamp).toBe(idOf(wanted.stamped_uuid_of))
  const event = ran.log[wanted.index]?.event
  const id = event?._tag === "Captured" ? event.distinctId : DistinctId("")
  const current = Identity.personOf(ran.identity, id)
  expect(current).toBeDefined()
  expect(current).toBe(Identity.personOf(ran.identity, DistinctId(wanted.person_of ?? "")))
}

describe("the conformance cases", () => {
  for (const one of cases) {
    for (const preset of one.presets) {
      it(`${one.id} under ${preset}: ${one.note ?? one.area}`, () => {
        const ran = run(one.raw.given, one.raw.when, Presets.presets[preset])
        expectPersons(ran, one.expect.persons)
        for (const wanted of one.expect.attribution) expectAttribution(ran, wanted)
        const warnings = warningsIn(ran.changes).map(({ type, details }, index) => ({
          type,
          details: detailsLike(details, one.expect.warnings[index]?.details ?? {}),
        }))
        expect(warnings).toEqual(one.expect.warnings)
      })
    }
  }

  it("excludes only cases that exist in these areas", () => {
    const known = headers.filter(({ area }) => areas.includes(area)).map(({ id }) => id)
    expect(known).toEqual(expect.arrayContaining(Object.keys(excluded)))
  })

  it("runs every other case of these areas", () => {
    const bound = headers.filter(({ area }) => areas.includes(area)).length
    expect(cases.length).toBe(bound - Object.keys(excluded).length)
    expect(cases.length).toBeGreaterThan(50)
  })
})
