import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import type * as Json from "../src/encoding/Json.ts"
import * as PropertyFilter from "../src/policy/PropertyFilter.ts"
import * as Re2Pattern from "../src/policy/Re2Pattern.ts"

const now = Date.parse("2022-10-24T12:00:00.500Z")

/** Stands for a property that is not there. */
const missing = Symbol("missing")

const holds = (
  operator: PropertyFilter.Operator,
  value: Json.Json | undefined,
  found: Json.Json | typeof missing,
): boolean => {
  const filter = {
    type: "person",
    key: "a",
    operator,
    ...(value !== undefined && { value }),
  } as const
  const person = found === missing ? {} : { a: found }
  return PropertyFilter.matchesAll([filter], { person, now })
}

type Case = readonly [Json.Json | undefined, Json.Json | typeof missing, boolean]

/** For each operator: the filter's value, the property found, and whether the filter holds. */
const table: Readonly<Record<PropertyFilter.Operator, ReadonlyArray<Case>>> = {
  exact: [
    ["x", "x", true],
    ["x", "X", false],
    ["x", missing, false],
    ["", missing, false],
    ["", "", true],
    [["x", "y"], "y", true],
    [["x", "y"], "z", false],
    [[], "x", false],
    ["1", 1, true],
    [1, "1", true],
    ["1.0", 1, false],
    ["true", true, true],
    [true, "true", true],
    [false, true, false],
    ["null", null, true],
    ["x", null, false],
    ['["x"]', ["x"], true],
    ["x", ["x"], false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  ],
  is_not: [
    ["x", "x", false],
    ["x", "y", true],
    ["x", missing, true],
    ["x", null, true],
    [["x", "y"], "y", false],
    [["x", "y"], "z", true],
    [[], "x", true],
    [1, "1", false],
  ],
  icontains: [
    ["@ACME.com", "ann@acme.COM", true],
    ["@acme.com", "ann@other.com", false],
    ["@acme.com", missing, false],
    ["", missing, false],
    ["ul", null, false],
    [["@acme", "@other"], "ann@other.com", true],
    ["23", 1234, true],
    ["RU", true, true],
    ["a_c", "abc", false],
    ["a%c", "abc", false],
  ],
  not_icontains: [
    ["@acme.com", "ann@ACME.com", false],
    ["@acme.com", "ann@other.com", true],
    ["@acme.com", missing, true],
    ["@acme.com", null, true],
    [["@acme", "@other"], "ann@other.com", false],
    [["@acme", "@other"], "ann@third.com", true],
  ],
  regex: [
    ["^a.c$", "abc", true],
    ["^a.c$", "a\nc", true],
    ["b", "abc", true],
    ["B", "abc", false],
    ["(?i)B", "abc", true],
    ["^2", 23, true],
    [".*", missing, false],
    [".*", null, false],
    ["(", "(", false],
    ["a(?=b)", "ab", false],
    [["x", "b"], "abc", true],
    [["(", "b"], "abc", false],
    ["a{1000}", "a".repeat(1000), false],
    ["a".repeat(Re2Pattern.lengthMax + 1), "a".repeat(Re2Pattern.lengthMax + 1), false],
  ],
  not_regex: [
    ["^a.c$", "abc", false],
    ["^a.c$", "abd", true],
    [".*", missing, true],
    [".*", null, true],
    ["(", "x", false],
    ["(", missing, false],
    [["x", "b"], "abc", false],
    [["x", "y"], "abc", true],
  ],
  gt: [
    [1, 2, true],
    [2, 2, false],
    [9, "10", true],
    ["9", 10, true],
    [9, "1 000", true],
    [9, "ten", false],
    [-1, "", false],
    [1, "0x10", false],
    [1, "Infinity", false],
    [0, true, false],
    [-1, null, false],
    [-1, missing, false],
    ["x", 2, false],
  ],
  lt: [
    [2, 1, true],
    [2, 2, false],
    ["10", "9", true],
    [1, missing, false],
    [1, null, false],
  ],
  gte: [
    [2, 2, true],
    [2, 1.5, false],
    [2, "2e0", true],
    [0, missing, false],
  ],
  lte: [
    [2, 2, true],
    [2, 2.5, false],
    [0, "-.5", true],
    [0, missing, false],
  ],
  is_set: [
    ["is_set", "", true],
    [undefined, 0, true],
    [undefined, null, true],
    [undefined, missing, false],
  ],
  is_not_set: [
    ["is_not_set", "", false],
    [undefined, null, false],
    [undefined, missing, true],
  ],
  is_date_exact: [
    ["2022-10-24", "2022-10-24T23:59:59.999Z", true],
    ["2022-10-24", "2022-10-24T23:59:59-01:00", false],
    ["2022-10-24", "2022-10-24", true],
    ["2022-10-24T12:00:00Z", "2022-10-24T12:00:00.999Z", true],
    ["2022-10-24T12:00:00Z", "2022-10-24T12:00:01Z", false],
    ["2022-10-24", 1_666_612_800, true],
    ["2022-10-24", "1666612800000", true],
    ["2022-10-24", "2022-10-24 at noon", true],
    ["2022-10-24", "soon", false],
    ["2022-10-24", missing, false],
    ["2022-10-24", null, false],
    ["soon", "2022-10-24", false],
  ],
  is_date_before: [
    ["2022-10-24", "2022-10-23T23:59:59Z", true],
    ["2022-10-24", "2022-10-24T00:00:00Z", false],
    ["-7d", "2022-10-17T11:59:59Z", true],
    ["-7d", "2022-10-17T12:00:00Z", false],
    ["7d", "2022-10-17T11:59:59Z", true],
    ["-90s", "2022-10-24T11:58:29Z", true],
    ["-90M", "2022-10-24T10:29:59Z", true],
    ["-90M", "2022-10-24T10:30:00Z", false],
    ["-2h", "2022-10-24T09:59:59Z", true],
    ["-1w", "2022-10-17T11:59:59Z", true],
    ["-1q", "2022-07-25T11:59:59Z", true],
    ["-1q", "2022-07-25T12:00:00Z", false],
    ["-2022-10-24", "2000-01-01", false],
    ["-7d", missing, false],
  ],
  is_date_after: [
    ["2022-10-24", "2022-10-24T23:59:59Z", false],
    ["2022-10-24", "2022-10-25", true],
    ["2022-10-24T12:00:00+02:00", "2022-10-24T10:00:00Z", false],
    ["2022-10-24T12:00:00+02:00", "2022-10-24T10:00:01Z", true],
    ["-1m", "2022-09-24T12:00:01Z", true],
    ["-1m", "2022-09-24T12:00:00Z", false],
    ["-1y", "2021-10-24T12:00:01Z", true],
    ["-1d", missing, false],
  ],
}

interface Asked {
  readonly operator: PropertyFilter.Operator
  readonly value: Case[0]
  readonly found: Case[1]
  readonly expected: boolean
}

const cases = Object.values(PropertyFilter.Operator.literals).flatMap((operator) =>
  table[operator].map(([value, found, expected]): Asked => ({ operator, value, found, expected })),
)

describe("operators", () => {
  it.each(cases)("$operator $value of $found is $expected", (each) => {
    expect(holds(each.operator, each.value, each.found)).toBe(each.expected)
  })

  it("a month before the 31st is the last day of the month before", () => {
    const before = (text: string) => {
      const filter = { type: "person", key: "a", operator: "is_date_exact", value: "-1m" } as const
      const at = Date.parse("2023-03-31T12:00:00Z")
      return PropertyFilter.matchesAll([filter], { person: { a: text }, now: at })
    }
    expect(before("2023-02-28T12:00:00Z")).toBe(true)
    expect(before("2023-03-03T12:00:00Z")).toBe(false)
  })
})

describe("filters together", () => {
  const outside = {
    type: "person",
    key: "email",
    operator: "not_icontains",
    value: "@acme.com",
  } as const
  const remote = {
    type: "event",
    key: "$host",
    operator: "is_not",
    value: ["localhost:8000", "127.0.0.1"],
  } as const
  const both = [outside, remote]
  const ann = { email: "ann@acme.com" }
  const bob = { email: "bob@other.com" }

  it.each([
    ["all hold", bob, { $host: "other.com" }, true],
    ["the person's does not", ann, { $host: "other.com" }, false],
    ["the event's does not", bob, { $host: "127.0.0.1" }, false],
    ["there is no event, so its properties are missing", bob, undefined, true],
    ["there is no person, so its properties are missing", undefined, { $host: "other.com" }, true],
  ])("%s", (_, person, event, expected) => {
    const subject = { person, now, ...(event && { event }) }
    expect(PropertyFilter.matchesAll(both, subject)).toBe(expected)
  })

  it("no filters keep everything", () => {
    expect(PropertyFilter.matchesAll([], { person: undefined, now })).toBe(true)
  })

  it("a person is asked the filters on persons alone", () => {
    expect(PropertyFilter.personFilters(both)).toEqual([outside])
  })

  it("a property that every object inherits is missing", () => {
    const filter = { type: "person", key: "toString", operator: "is_set" } as const
    expect(PropertyFilter.matchesAll([filter], { person: {}, now })).toBe(false)
  })
})

const good = { type: "person", key: "a", value: "x" }

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce((inner) => [inner], [])

describe("decode", () => {
  it("the operator is exact unless it is given", () => {
    const given = [good, { type: "event", key: "b", operator: "is_set" }]
    expect(PropertyFilter.decode(given)).toEqual(
      Result.succeed([{ ...good, operator: "exact" }, given[1]]),
    )
  })

  it.each([
    ["internal_users", { a: 1 }],
    ["internal_users", Array.from({ length: PropertyFilter.filtersMax + 1 }, () => good)],
    ["internal_users", nested(200_000)],
    ["internal_users[0]", ["a"]],
    ["internal_users[0].type", [{ key: "a", value: "x" }]],
    ["internal_users[1].type", [good, { type: "cohort", key: "id", value: 1, cohort_name: "us" }]],
    ["internal_users[0].key", [{ type: "person", value: "x" }]],
    ["internal_users[0].key", [{ type: "person", key: "", value: "x" }]],
    ["internal_users[2].operator", [good, good, { ...good, operator: "in" }, { type: 1 }]],
    ["internal_users[0].operater", [{ ...good, operater: "is_not" }]],
    ["internal_users[0].value", [{ type: "person", key: "a" }]],
    ["internal_users[0].value", [{ ...good, value: null }]],
    ["internal_users[0].value", [{ ...good, value: NaN }]],
    ["internal_users[0].value", [{ ...good, operator: "regex", value: "(" }]],
    ["internal_users[0].value", [{ ...good, operator: "not_regex", value: ["a", "a(?=b)"] }]],
    ["internal_users[0].value", [{ ...good, operator: "regex", value: "a{1000}" }]],
    ["internal_users[0].value", [{ ...good, operator: "gt", value: "ten" }]],
    ["internal_users[0].value", [{ ...good, operator: "is_date_before", value: "soon" }]],
  ])("refuses %s", (field, value) => {
    expect(PropertyFilter.decode(value)).toMatchObject({ _tag: "Failure", failure: { field } })
  })

  it("says what was expected, and that there are no cohorts", () => {
    const decoded = PropertyFilter.decode([{ type: "cohort", key: "id", value: 1 }])
    expect(Result.getFailure(decoded)).toMatchObject({
      value: {
        field: "internal_users[0].type",
        expected: "person or event (there are no cohorts here)",
      },
    })
  })
})

describe("laws", () => {
  const Scalar = Schema.Union([
    Schema.Literals(["", "a", "A", "ab", "1", "true", "null", "2022-10-24", "-7d"]),
    Schema.Literals([0, 1, -1, 1_666_612_800]),
    Schema.Boolean,
    Schema.Null,
  ])
  const Value = Schema.Union([Scalar, Schema.Array(Scalar), Schema.Json])
  const Found = Schema.Union([Scalar, Schema.Array(Scalar), Schema.Json])

  it.prop("each negation is the contrary of what it negates", [Value, Found], ([value, found]) => {
    for (const each of [found, missing] as const) {
      expect(holds("is_not", value, each)).toBe(!holds("exact", value, each))
      expect(holds("not_icontains", value, each)).toBe(!holds("icontains", value, each))
      expect(holds("is_not_set", value, each)).toBe(!holds("is_set", value, each))
    }
  })

  it.prop("no operator throws, and decode does not either", [Value, Found], ([value, found]) => {
    for (const operator of PropertyFilter.Operator.literals) {
      expect(typeof holds(operator, value, found)).toBe("boolean")
      const filter = { type: "person", key: "a", operator, value }
      expect(() => PropertyFilter.decode([filter])).not.toThrow()
    }
  })

  const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))
  const Dates = Schema.Literals(["2022-10-24", "2022-10-24T12:00:00Z", "-1h", "-1d", "-1m"])

  it.prop("a time is before a date, in it, or after it", [Dates, Count, Count], ([date, h, s]) => {
    const found = `2022-10-24T1${h}:00:0${s}Z`
    const answers = (["before", "exact", "after"] as const).filter((each) =>
      holds(`is_date_${each}`, date, found),
    )
    expect(answers).toHaveLength(1)
  })

  it.prop("what is greater or equal is not less", [Count, Count], ([value, found]) => {
    expect(holds("gte", value, `${found}`)).toBe(!holds("lt", `${value}`, found))
    expect(holds("lte", value, `${found}`)).toBe(!holds("gt", `${value}`, found))
  })

  const Piece = Schema.Literals([..."ab().*+?[]{}^$|\\-1,", "(?i)", "\\b", "\\pL", "(?=", "{1,30}"])
  const Pattern = Schema.Union([Schema.String, Schema.Array(Piece)])

  it.prop("no pattern throws, and not_regex negates valid ones", [Pattern], ([given]) => {
    const pattern = typeof given === "string" ? given : given.join("")
    const filter = { ...good, operator: "regex", value: pattern }
    const isValid = Result.isSuccess(PropertyFilter.decode([filter]))
    const answers = [holds("regex", pattern, "aab-1"), holds("not_regex", pattern, "aab-1")]
    expect(answers.filter(Boolean)).toHaveLength(isValid ? 1 : 0)
  })

  it.each(["(a+)+$", "(a|a)+$", "(a*)*\\b$", "(?:a?){100}a{100}$", "([ab]*a[ab]{200}){2}c$"])(
    "%s answers at once on 50,000 a's",
    { timeout: 5000 },
    (pattern) => {
      expect(holds("regex", pattern, `${"a".repeat(50_000)}!`)).toBe(false)
      expect(holds("not_regex", pattern, `${"a".repeat(50_000)}!`)).toBe(true)
    },
  )

  it("(a+)+$ finds 50,000 a's at once", { timeout: 5000 }, () => {
    expect(holds("regex", "(a+)+$", "a".repeat(50_000))).toBe(true)
  })

  it("a pattern answers the same when others have pushed it out", () => {
    const numbers = Array.from({ length: 250 }, (_, number) => number)
    for (const number of [...numbers, ...numbers]) {
      expect(holds("regex", `^${number}$`, number)).toBe(true)
      expect(holds("regex", `^${number}($`, number)).toBe(false)
    }
  })
})
